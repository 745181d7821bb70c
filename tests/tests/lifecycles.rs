//! Lifecycles of resources with the clients, against the mock server, which keeps state. At the end
//! of each, the server has found no violation.

use std::time::Duration;

use client_runtime::{ClientCredentials, Error, ErrorKind, TryStreamExt as _};
use client_tests::apis::{api, document};
use mock_server::MockServer;
use uuid::Uuid;

const SPACE: Uuid = Uuid::from_u128(0x1111_1111_1111_4111_8111_1111_1111_1111);
/// The polling interval of waits.
const EVERY: Duration = Duration::from_millis(1);
const ORGANISATION: Uuid = Uuid::from_u128(0x2222_2222_2222_4222_8222_2222_2222_2222);

async fn server(name: &str) -> MockServer {
    let server = MockServer::from_document(document(&api(name)))
        .stateful()
        .client("id", "s3cret")
        .token("registered");
    server.start().await.expect("the document can be served")
}

fn all_conform(server: &MockServer) {
    let requests = server.requests();
    assert!(!requests.is_empty());
    for request in requests {
        assert!(request.is_conforming(), "{request:?}");
    }
}

fn found<T>(result: Result<T, Error>) -> bool {
    match result {
        Ok(_) => true,
        Err(error) if error.is_not_found() => false,
        Err(error) => panic!("{error}"),
    }
}

mod numspot {
    use super::*;
    use numspot_client::{Client, SecuritySchemes as _, types};

    async fn connected() -> (MockServer, Client) {
        let server = server("numspot").await;
        let token_url = format!("{}/iam/token", server.base_url());
        let token_url = token_url.parse().expect("is a URL");
        let credentials = ClientCredentials::new(token_url, "id", "s3cret".into());
        let client = Client::builder()
            .base_url(server.base_url())
            .bearer_auth(credentials)
            .build()
            .expect("can be built");
        (server, client.in_space(SPACE))
    }

    #[tokio::test]
    async fn a_role_with_its_permissions() -> Result<(), Error> {
        let (server, client) = connected().await;
        let role = types::Role::builder()
            .name("auditor")
            .description("Reads")
            .tenant_type([types::TenantType::Space]);
        let role = client.create_role_space().body(role).send().await?;
        assert!(role.custom);

        let catalogue = client.list_permissions_space().items();
        let catalogue: Vec<Uuid> = catalogue.map_ok(|one| one.uuid).try_collect().await?;
        let some = types::RolePermission::builder().permissions(catalogue.clone());
        let add = client.add_role_permissions_space().role_uuid(role.uuid);
        add.body(some).send().await?;
        let first = types::RolePermission::builder().permissions([catalogue[0]]);
        let remove = client.remove_role_permissions_space().role_uuid(role.uuid);
        remove.body(first).send().await?;
        let left = client.get_role_permissions_space().role_uuid(role.uuid);
        let left: Vec<Uuid> = left.items().map_ok(|one| one.uuid).try_collect().await?;
        assert_eq!(left, catalogue[1..]);

        client
            .delete_role_space()
            .role_uuid(role.uuid)
            .send()
            .await?;
        let gone = client.get_role_space().role_uuid(role.uuid).send().await;
        assert!(!found(gone));
        all_conform(&server);
        Ok(())
    }

    #[tokio::test]
    async fn roles_over_pages() -> Result<(), Error> {
        let (server, client) = connected().await;
        for number in 0..7 {
            let role = types::Role::builder()
                .name(format!("role-{number}"))
                .description("")
                .tenant_type([types::TenantType::Space]);
            client.create_role_space().body(role).send().await?;
        }
        let roles = client.list_roles_space().page_size(3).items();
        let names: Vec<String> = roles.map_ok(|role| role.name).try_collect().await?;
        assert_eq!(names.len(), 7);
        assert!(names.is_sorted());
        let lists = server.requests();
        let lists = lists
            .iter()
            .filter(|one| one.operation.as_deref() == Some("ListRolesSpace"));
        assert_eq!(lists.count(), 3);
        all_conform(&server);
        Ok(())
    }

    #[tokio::test]
    async fn a_user_assigned_to_a_space_and_taken_off_it() -> Result<(), Error> {
        let (server, client) = connected().await;
        let user = types::User::builder()
            .email("a@example.com")
            .firstname("A")
            .lastname("B");
        let create = client
            .create_user_organisation()
            .organisation_id(ORGANISATION);
        let again = create.clone().body(user.clone());
        let user = create.body(user).send().await?.into_inner();
        let again = again.send().await.expect_err("is taken");
        assert!(again.is_conflict());
        let assign = client.assign_user_to_space().user_id(user.id);
        assign.send().await?;
        let users = client.list_user_space().items();
        let users: Vec<Uuid> = users.map_ok(|user| user.id).try_collect().await?;
        assert_eq!(users, [user.id]);
        client.unassign_user_space().user_id(user.id).send().await?;
        let users: Vec<_> = client.list_user_space().items().try_collect().await?;
        assert!(users.is_empty(), "{users:?}");
        let read = client.get_user_organisation().organisation_id(ORGANISATION);
        assert_eq!(read.user_id(user.id).send().await?.email, "a@example.com");
        all_conform(&server);
        Ok(())
    }

    #[tokio::test]
    async fn a_service_account_with_acls_in_bulk() -> Result<(), Error> {
        let (server, client) = connected().await;
        let account = types::ServiceAccount::builder().name("ci");
        let create = client
            .create_service_account_organisation()
            .organisation_id(ORGANISATION);
        let account = create.body(account).send().await?.into_inner();
        let entry = |resource: &str| types::Acl {
            permission_id: SPACE,
            resource: "vpc".to_owned(),
            resource_id: resource.to_owned(),
            service: "network".to_owned(),
            subresource: None,
        };
        let id = account.id.as_str();
        let entries = types::AclList {
            items: vec![entry("a"), entry("b")],
        };
        let create = client.create_acl_service_account_organisation_bulk();
        let create = create.organisation_id(ORGANISATION).service_account_id(id);
        create.body(entries).send().await?;
        let delete = client.delete_acl_service_account_organisation_bulk();
        let delete = delete.organisation_id(ORGANISATION).service_account_id(id);
        delete
            .body(types::AclList {
                items: vec![entry("a")],
            })
            .send()
            .await?;
        let left = client.get_acl_service_account_organisation();
        let left = left.organisation_id(ORGANISATION).service_account_id(id);
        let left = left.service("network").resource("vpc").items();
        let left: Vec<String> = left.map_ok(|acl| acl.resource_id).try_collect().await?;
        assert_eq!(left, ["b"]);
        let delete = client.delete_service_account_organisation();
        delete
            .organisation_id(ORGANISATION)
            .service_account_id(id)
            .send()
            .await?;
        all_conform(&server);
        Ok(())
    }

    #[tokio::test]
    #[allow(deprecated)]
    async fn a_granular_policy() -> Result<(), Error> {
        let (server, client) = connected().await;
        let grant = |object: &str| types::GranularPermission {
            action: "editors".to_owned(),
            object_id: object.to_owned(),
        };
        let change = |change| {
            let call = client.set_iam_granular_policy_space();
            let call = call.subject_type(types::SubjectType::Users);
            let call = call.subject_id(ORGANISATION).object_type("vpc");
            call.body(change).send()
        };
        change(types::GranularPolicyUpdate {
            add: Some(vec![grant("a"), grant("b")].into()),
            delete: None,
        })
        .await?;
        change(types::GranularPolicyUpdate {
            add: None,
            delete: Some(vec![grant("a")].into()),
        })
        .await?;
        let left = client.get_iam_granular_policy_space();
        let left = left.subject_type(types::SubjectType::Users);
        let left = left.subject_id(ORGANISATION).object_type("vpc");
        let left = left.send().await?.into_inner().items;
        let left: Vec<String> = left.into_iter().map(|one| one.object_id).collect();
        assert_eq!(left, ["b"]);
        all_conform(&server);
        Ok(())
    }

    #[tokio::test]
    async fn a_space() -> Result<(), Error> {
        let (server, client) = connected().await;
        let space = types::CreateSpace::builder()
            .name("staging")
            .description("For trials");
        let create = client.create_space().organisation_id(ORGANISATION);
        let space = create.body(space).send().await?.into_inner();
        let update = client
            .update_space()
            .organisation_id(ORGANISATION)
            .space_id(space.id);
        update
            .body(types::MutableSpace::builder().name("production"))
            .send()
            .await?;
        let spaces = client.list_spaces().organisation_id(ORGANISATION).items();
        let names: Vec<_> = spaces.map_ok(|space| space.name).try_collect().await?;
        assert_eq!(names, ["production"]);
        let delete = client.delete_space().organisation_id(ORGANISATION);
        delete.space_id(space.id).send().await?;
        let read = client.get_space_by_id().organisation_id(ORGANISATION);
        let gone = read.space_id(space.id).send().await;
        assert!(!found(gone));
        all_conform(&server);
        Ok(())
    }

    #[tokio::test]
    async fn a_cluster_with_its_node_pools() -> Result<(), Box<dyn std::error::Error>> {
        let (server, client) = connected().await;
        let pool = |name: &str| {
            types::OpenShiftNodepool::builder()
                .name(name)
                .node_count(3)
                .node_profile(types::NodeProfile::Medium)
        };
        let cluster = types::OpenShiftClusterCreate::builder()
            .name("billing")
            .version("4.16.1")
            .cidr("10.0.0.0/16")
            .node_pools([pool("workers").try_into()?]);
        let create = client.create_cluster().body(cluster);
        let created = create.send().await?.into_inner();
        let id = created.id.ok_or("no id")?.to_string();
        let read = client.get_cluster().cluster_id(id.as_str());
        assert!(!found(read.clone().send().await));
        // The call that reads the state waits for work that was started earlier.
        let operation = created.operation.and_then(|operation| operation.id);
        let operation = client.get_operation().id(operation.ok_or("no operation")?);
        operation.wait().every(EVERY).await?;
        assert!(found(read.clone().send().await));

        let large = types::OpenShiftNodepoolCreate::builder()
            .name("large")
            .node_count(1)
            .node_profile(types::NodeProfile::Large);
        let create = client.create_node_pool().cluster_id(id.as_str());
        let done = create.body(large).wait().every(EVERY).await?;
        assert!(
            done.status
                .is_some_and(|status| status == types::OperationStatus::Done)
        );
        let delete = client.delete_node_pool().cluster_id(id.as_str());
        delete.node_pool_name("workers").wait().every(EVERY).await?;
        let pools = client
            .list_nodepools()
            .cluster_id(id.as_str())
            .send()
            .await?;
        let pools = serde_json::to_value(pools.into_inner())?;
        assert_eq!(pools["items"][0]["name"], "large", "{pools}");
        assert_eq!(pools["items"].as_array().map(Vec::len), Some(1));

        let delete = client.delete_cluster().cluster_id(id.as_str());
        delete.wait().every(EVERY).await?;
        assert!(!found(read.send().await));
        all_conform(&server);
        Ok(())
    }

    #[tokio::test]
    async fn a_cluster_that_fails() -> Result<(), Error> {
        let (server, client) = connected().await;
        server.fail_next("CreateCluster").expect("is an operation");
        let cluster = types::OpenShiftClusterCreate::builder()
            .name("billing")
            .version("4.16.1")
            .cidr("10.0.0.0/16")
            .node_pools([]);
        let wait = client.create_cluster().body(cluster).wait();
        let error = wait.every(EVERY).await.expect_err("fails");
        assert_eq!(error.kind(), ErrorKind::Operation);
        all_conform(&server);
        Ok(())
    }

    #[tokio::test]
    async fn a_vm_that_is_stopped_started_and_terminated() -> Result<(), Box<dyn std::error::Error>>
    {
        let (server, client) = connected().await;
        let vm = types::CreateVms::builder()
            .image_id("ami-0b7df82c")
            .subnet_id("subnet-2fe62c4d")
            .type_("ns-cus6-2c4r");
        let states = client.create_vms().body(vm).wait().every(EVERY).progress();
        let states: Vec<types::Vm> = states.try_collect().await?;
        let vm = states.last().ok_or("no state")?;
        let id = vm.id.clone().ok_or("no id")?;
        let states: Vec<_> = states.iter().filter_map(|vm| vm.state.as_deref()).collect();
        assert_eq!(states, ["pending", "pending", "running"]);

        let stopped = client.stop_vm().id(id.as_str()).wait().every(EVERY).await?;
        assert_eq!(stopped.state.as_deref(), Some("stopped"));
        let started = client
            .start_vm()
            .id(id.as_str())
            .wait()
            .every(EVERY)
            .await?;
        assert_eq!(started.state.as_deref(), Some("running"));

        server.fail_next("StopVm").expect("is an operation");
        let stop = client.stop_vm().id(id.as_str()).wait().every(EVERY);
        let error = stop.await.expect_err("fails");
        assert_eq!(error.kind(), ErrorKind::Operation);
        assert!(error.to_string().contains("quarantine"), "{error}");

        let gone = client
            .delete_vms()
            .id(id.as_str())
            .wait()
            .every(EVERY)
            .await?;
        assert!(gone.is_none(), "{gone:?}");
        let again = client.delete_vms().id(id).wait().every(EVERY).await;
        assert!(again.expect_err("is gone").is_not_found());
        all_conform(&server);
        Ok(())
    }

    #[tokio::test]
    async fn managed_clusters_whose_state_is_inside_of_a_property()
    -> Result<(), Box<dyn std::error::Error>> {
        let (server, client) = connected().await;
        let cluster = types::KubernetesClusterCreate::builder()
            .name("shop")
            .cidr("10.0.0.0/16")
            .profile(types::KubernetesClusterCreateProfile::Small)
            .version(types::KubernetesClusterCreateVersion::X134)
            .visibility(types::Visibility::Internal);
        let create = client.create_kubernetes_cluster().body(cluster);
        let cluster = create.wait().every(EVERY).await?;
        assert!(cluster.status.state == types::StatusState::Running);
        let pool = types::KubernetesNodePoolCreate::builder()
            .availability_zone(types::AvailabilityZoneName::EuWest2a)
            .node_profile(types::NodeProfiles::Small)
            .replicas(3)
            .root_disk(types::KubernetesNodePoolDisk {
                iops: 0,
                size: 50,
                type_: types::KubernetesNodePoolDiskType::Magnetic,
            });
        let create = client.create_kubernetes_node_pool().cluster_id(cluster.id);
        let pool = create.body(pool).wait().every(EVERY).await?;
        let delete = client.delete_kubernetes_node_pool().cluster_id(cluster.id);
        let gone = delete.node_pool_id(pool.id).wait().every(EVERY).await?;
        assert!(gone.is_none());

        let database = types::PostgresClusterCreationRequest::builder()
            .name("orders")
            .user("owner")
            .visibility(types::PostgresClusterVisibility::Internal)
            .node_configuration(types::PostgresNodeConfiguration {
                memory_size_gi_b: 2.try_into()?,
                vcpu_count: 2.try_into()?,
            })
            .volume(types::PostgresVolume {
                size_gi_b: 100.try_into()?,
                type_: types::PostgresVolumeType::Gp2,
            });
        let create = client.postgresql_create_cluster().body(database);
        let database = create.wait().every(EVERY).await?;
        let change = types::PostgresClusterModificationRequest::builder().volume_size_gi_b(200);
        let modify = client.postgresql_modify_cluster().cluster_id(database.id);
        let database = modify.body(change).wait().every(EVERY).await?;
        assert!(database.status.state == types::PostgresStatusState::Running);
        all_conform(&server);
        Ok(())
    }

    /// The key of an export has a different name than the path parameter, and a load balancer has no
    /// state.
    #[tokio::test]
    async fn exports_and_load_balancers() -> Result<(), Box<dyn std::error::Error>> {
        let (server, client) = connected().await;
        let export = types::CreateImageExportTask::builder()
            .image_id("ami-0b7df82c")
            .osu_export(
                types::OsuExportToCreate::builder()
                    .disk_image_format(types::DiskImageFormat::Qcow2)
                    .osu_bucket("images"),
            );
        let create = client.compute_create_image_export_tasks().body(export);
        let task = create.wait().every(EVERY).await?;
        assert!(
            task.state
                .is_some_and(|state| state == types::ImageExportTaskState::Completed)
        );

        let listener = types::ListenerForCreation::builder()
            .backend_port(80)
            .load_balancer_port(80)
            .load_balancer_protocol("HTTP");
        let balancer = types::CreateLoadBalancer::builder()
            .name("web")
            .listeners([listener.try_into()?])
            .subnets(["subnet-2fe62c4d".to_owned()]);
        let create = client.create_load_balancer().body(balancer);
        let balancer = create.wait().every(EVERY).await?;
        assert_eq!(balancer.name.as_deref(), Some("web"));
        let gone = client
            .delete_load_balancer()
            .id("web")
            .wait()
            .every(EVERY)
            .await?;
        assert!(gone.is_none());
        all_conform(&server);
        Ok(())
    }
}

mod alumio {
    use super::*;
    use alumio_client::{Client, SecuritySchemes as _, types};
    use client_runtime::StaticToken;
    use serde_json::{Map, json};

    async fn connected() -> (MockServer, Client) {
        let server = server("alumio").await;
        let client = Client::builder()
            .base_url(server.base_url())
            .api_key(StaticToken::from("registered"))
            .build()
            .expect("can be built");
        (server, client)
    }

    #[tokio::test]
    async fn a_configuration_exported_imported_and_disabled()
    -> Result<(), Box<dyn std::error::Error>> {
        let ((from, source), (to, target)) = (connected().await, connected().await);
        let object = Map::from_iter([("prototype".to_owned(), json!("http"))]);
        let route = types::DiObjectConfigurationCreate::builder()
            .type_("route")
            .identifier("orders")
            .name("Orders")
            .object(object);
        let create = source.create_object_configuration().body(route);
        assert_eq!(create.send().await?.object.name, "Orders");

        let exported = source.bulk_export_all_object_configurations().items();
        let exported: Vec<_> = exported.await?.try_collect().await?;
        let lines = serde_json::to_value(exported)?;
        let imports: Vec<types::RegisterConfiguration> = serde_json::from_value(lines)?;
        let import = async |dry_run: bool| {
            let import = target.import_object_configurations_with_items();
            let import = import.dry_run(dry_run).body_items(imports.clone());
            import.send().await.map(|result| result.valid)
        };
        let disable = async || {
            let call = target
                .update_object_configuration_status()
                .type_("route")
                .identifier("orders");
            let disabled = types::ConfigurationStatusUpdate::builder().disabled(true);
            call.body(disabled).send().await
        };
        assert_eq!(import(true).await?, Some(true));
        assert!(!found(disable().await), "after a dry run");
        assert_eq!(import(false).await?, Some(true));
        assert_eq!(disable().await?.object.disabled, Some(true));

        let rename = types::DiObjectConfigurationPatch::builder()
            .type_("route")
            .identifier("orders")
            .name("All orders");
        let rename = target.patch_object_configuration().body(rename);
        let renamed = rename.send().await?.into_inner().object;
        assert_eq!(
            (&*renamed.name, renamed.disabled),
            ("All orders", Some(true))
        );
        all_conform(&from);
        all_conform(&to);
        Ok(())
    }

    #[tokio::test]
    async fn a_space_with_its_users() -> Result<(), Box<dyn std::error::Error>> {
        let (server, client) = connected().await;
        let object = json!({ "identifier": "acceptance", "name": "Acceptance" });
        let object = object.as_object().cloned().unwrap_or_default();
        let space = types::SpaceCreate::builder()
            .object(object)
            .users([])
            .data_engines([]);
        client.create_space().body(space).send().await?;
        let update = types::SpaceUpdate::builder()
            .identifier("acceptance")
            .name("Trials")
            .purpose(types::SpaceUpdatePurpose::Uat);
        client.update_space().body(update).send().await?;
        let read = client.get_space().identifier("acceptance").send().await?;
        let name = read.into_inner().object.and_then(|space| space.name);
        assert_eq!(name.as_deref(), Some("Trials"));

        let user = Map::from_iter([("email".to_owned(), json!("a@example.com"))]);
        let users = types::SpaceUsers::builder().users([types::User(user)]);
        let assign = client.assign_space_users().space("acceptance");
        assign.body(users).send().await?;
        let users = client.get_space_users().space("acceptance").send().await?;
        let users = users.into_inner().results.unwrap_or_default();
        assert_eq!(users[0].0["email"], "a@example.com");
        all_conform(&server);
        Ok(())
    }
}

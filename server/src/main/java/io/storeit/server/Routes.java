package io.storeit.server;

import static io.storeit.server.http.Access.ADMIN;
import static io.storeit.server.http.Access.ADMIN_OR_LOCAL;
import static io.storeit.server.http.Access.ANYONE;
import static io.storeit.server.http.Access.SESSION;

import io.storeit.server.api.ApiRoutes;
import io.storeit.server.backup.BackupRoutes;
import io.storeit.server.container.ContainerRoutes;
import io.storeit.server.group.GroupRoutes;
import io.storeit.server.http.Guard;
import io.storeit.server.http.Router;
import io.storeit.server.identify.IdentifyRoutes;
import io.storeit.server.item.ItemRoutes;
import io.storeit.server.location.LocationRoutes;
import io.storeit.server.metrics.MetricsRoutes;
import io.storeit.server.photo.PhotoRoutes;
import io.storeit.server.search.SearchRoutes;
import io.storeit.server.settings.SettingsRoutes;
import io.storeit.server.system.SystemRoutes;
import io.storeit.server.tag.TagRoutes;
import io.storeit.server.user.AuthRoutes;
import io.storeit.server.user.UserRoutes;

/** Every URL of the server, with who may use it and the handler that answers it. */
final class Routes {
    private Routes() {
    }

    static Router of(Guard guard, Threads threads, Features features) {
        var router = new Router(guard, threads.writes(), threads.uploads());

        SystemRoutes system = features.system();
        MetricsRoutes metrics = features.metrics();
        ApiRoutes api = features.api();
        router.get("/health", ANYONE, system::health);
        router.get("/metrics", ADMIN_OR_LOCAL, metrics::text);
        router.get("/api-docs/openapi.json", ANYONE, api::description);
        router.get("/swagger-ui", ANYONE, api::redirectToPage);
        router.getBelow(ApiRoutes.PAGE, ANYONE, api::page);
        router.get("/api/v1/admin/schema-version", ANYONE, system::schemaVersion);

        AuthRoutes auth = features.auth();
        router.get("/api/v1/auth/mode", ANYONE, auth::mode);
        router.get("/api/v1/auth/login", ANYONE, auth::providerLogin);
        router.get("/api/v1/auth/callback", ANYONE, auth::providerCallback);
        router.post("/api/v1/auth/local/login", ANYONE, auth::login, threads.passwords());
        router.post("/api/v1/auth/logout", SESSION, auth::logout);
        router.get("/api/v1/auth/me", SESSION, auth::me);
        router.put("/api/v1/auth/me/active-group", SESSION, auth::switchGroup);

        UserRoutes users = features.users();
        router.get("/api/v1/admin/users", ADMIN, users::list);
        router.post("/api/v1/admin/users", ADMIN, users::create, threads.passwords());
        router.put("/api/v1/admin/users/{id}", ADMIN, users::update);
        router.delete("/api/v1/admin/users/{id}", ADMIN, users::delete);
        router.put("/api/v1/admin/users/{id}/password", ADMIN, users::resetPassword, threads.passwords());

        GroupRoutes groups = features.groups();
        router.get("/api/v1/admin/groups", ADMIN, groups::list);
        router.post("/api/v1/admin/groups", ADMIN, groups::create);
        router.delete("/api/v1/admin/groups/{id}", ADMIN, groups::delete);
        router.get("/api/v1/admin/groups/{id}/members", ADMIN, groups::members);
        router.post("/api/v1/admin/groups/{id}/members", ADMIN, groups::addMember);
        router.delete("/api/v1/admin/groups/{group_id}/members/{user_id}", ADMIN, groups::removeMember);

        SettingsRoutes settings = features.settings();
        router.get("/api/v1/admin/settings", ADMIN, settings::get);
        router.put("/api/v1/admin/settings", ADMIN, settings::update);

        BackupRoutes backups = features.backups();
        router.post("/api/v1/admin/backup", ADMIN, backups::startBackup);
        router.get("/api/v1/admin/backup/{job_id}/status", ADMIN, backups::backupStatus);
        router.get("/api/v1/admin/backup/{job_id}/download", ADMIN, backups::downloadBackup);
        router.delete("/api/v1/admin/backup/{job_id}", ADMIN, backups::discardBackup);
        router.post("/api/v1/admin/restore", ADMIN, backups::startRestore);
        router.get("/api/v1/admin/restore/{job_id}/status", ADMIN, backups::restoreStatus);
        router.delete("/api/v1/admin/restore/{job_id}", ADMIN, backups::discardRestore);
        router.post("/api/v1/admin/migrate-storage", ADMIN, backups::migrateStorage, threads.waiting());

        LocationRoutes locations = features.locations();
        ContainerRoutes containers = features.containers();
        ItemRoutes items = features.items();
        router.get("/api/v1/locations", SESSION, locations::listRoots);
        router.post("/api/v1/locations", SESSION, locations::create);
        router.get("/api/v1/locations/tree", SESSION, locations::tree);
        router.get("/api/v1/locations/{id}", SESSION, locations::get);
        router.put("/api/v1/locations/{id}", SESSION, locations::update);
        router.delete("/api/v1/locations/{id}", SESSION, locations::delete);
        router.get("/api/v1/locations/{id}/children", SESSION, locations::listChildren);
        router.get("/api/v1/locations/{id}/containers", SESSION, containers::listAtLocation);
        router.get("/api/v1/locations/{id}/items", SESSION, items::listAtLocation);

        router.get("/api/v1/containers", SESSION, containers::list);
        router.post("/api/v1/containers", SESSION, containers::create);
        router.get("/api/v1/containers/{id}", SESSION, containers::get);
        router.put("/api/v1/containers/{id}", SESSION, containers::update);
        router.delete("/api/v1/containers/{id}", SESSION, containers::delete);
        router.post("/api/v1/containers/{id}/move", SESSION, containers::move);
        router.get("/api/v1/containers/{id}/ancestry", SESSION, containers::ancestry);
        router.get("/api/v1/containers/{id}/containers", SESSION, containers::listInContainer);
        router.get("/api/v1/containers/{id}/items", SESSION, items::listInContainer);

        router.get("/api/v1/items", SESSION, items::list);
        router.post("/api/v1/items", SESSION, items::create);
        router.post("/api/v1/items/batch", SESSION, items::createBatch);
        router.get("/api/v1/items/{id}", SESSION, items::get);
        router.put("/api/v1/items/{id}", SESSION, items::update);
        router.delete("/api/v1/items/{id}", SESSION, items::delete);
        router.post("/api/v1/items/{id}/move", SESSION, items::move);

        SearchRoutes search = features.search();
        router.get("/api/v1/search", SESSION, search::search);

        TagRoutes tags = features.tags();
        router.get("/api/v1/nfc-tags", SESSION, tags::list);
        router.post("/api/v1/nfc-tags", SESSION, tags::create);
        router.get("/api/v1/nfc-tags/resolve/{tag_uri}", SESSION, tags::resolve);
        router.get("/api/v1/nfc-tags/resolve-uid", SESSION, tags::resolveUid);
        router.post("/api/v1/nfc-tags/register-and-assign", SESSION, tags::registerAndAssign);
        router.get("/api/v1/nfc-tags/{id}", SESSION, tags::get);
        router.delete("/api/v1/nfc-tags/{id}", SESSION, tags::delete);
        router.put("/api/v1/nfc-tags/{id}/assign", SESSION, tags::assign);
        router.put("/api/v1/nfc-tags/{id}/unassign", SESSION, tags::unassign);

        IdentifyRoutes identify = features.identify();
        router.post("/api/v1/identify", SESSION, identify::identify);
        router.post("/api/v1/identify/correct", SESSION, identify::identify);

        PhotoRoutes photos = features.photos();
        router.post("/api/v1/photos", SESSION, photos::upload);
        router.get("/api/v1/photos/by-entity", SESSION, photos::listByEntity);
        router.get("/api/v1/photos/{id}", SESSION, photos::get);
        router.delete("/api/v1/photos/{id}", SESSION, photos::delete);
        router.get("/api/v1/photos/{id}/file", SESSION, photos::file, threads.pictures());
        router.get("/api/v1/photos/{id}/large", SESSION, photos::large, threads.pictures());
        router.get("/api/v1/photos/{id}/thumbnail", SESSION, photos::thumbnail, threads.pictures());
        router.post("/api/v1/photos/{id}/rotate", SESSION, photos::rotate);
        router.post("/api/v1/photos/{id}/primary", SESSION, photos::makePrimary);

        features.web().ifPresent(files -> router.getBelow("/", ANYONE, files::file));
        return router;
    }
}

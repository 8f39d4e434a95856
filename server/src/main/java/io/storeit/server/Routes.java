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
import io.storeit.server.http.Workers;
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
import io.storeit.server.web.WebRoot;
import java.util.Optional;

/** Every URL of the server. */
final class Routes {
    private Routes() {
    }

    /**
     * @param passwords where passwords are checked
     * @param waiting   where requests wait for the end of a job
     * @param writes    where requests run that change something
     * @param uploads   where requests run that have a large body
     * @param pictures  where pictures are made and sent
     */
    static Router of(
            Guard guard,
            Workers passwords,
            Workers waiting,
            Workers writes,
            Workers uploads,
            SystemRoutes system,
            AuthRoutes auth,
            UserRoutes users,
            GroupRoutes groups,
            SettingsRoutes settings,
            BackupRoutes backups,
            LocationRoutes locations,
            ContainerRoutes containers,
            ItemRoutes items,
            SearchRoutes search,
            TagRoutes tags,
            IdentifyRoutes identify,
            PhotoRoutes photos,
            Workers pictures,
            ApiRoutes api,
            MetricsRoutes metrics,
            Optional<WebRoot> web) {
        var router = new Router(guard, writes, uploads);

        router.get("/health", ANYONE, system::health);
        router.get("/metrics", ADMIN_OR_LOCAL, metrics::text);
        router.get("/api-docs/openapi.json", ANYONE, api::description);
        router.get("/swagger-ui", ANYONE, api::redirectToPage);
        router.getBelow(ApiRoutes.PAGE, ANYONE, api::page);
        router.get("/api/v1/admin/schema-version", ANYONE, system::schemaVersion);

        router.get("/api/v1/auth/mode", ANYONE, auth::mode);
        router.get("/api/v1/auth/login", ANYONE, auth::providerLogin);
        router.get("/api/v1/auth/callback", ANYONE, auth::providerCallback);
        router.post("/api/v1/auth/local/login", ANYONE, auth::login, passwords);
        router.post("/api/v1/auth/logout", SESSION, auth::logout);
        router.get("/api/v1/auth/me", SESSION, auth::me);
        router.put("/api/v1/auth/me/active-group", SESSION, auth::switchGroup);

        router.get("/api/v1/admin/users", ADMIN, users::list);
        router.post("/api/v1/admin/users", ADMIN, users::create, passwords);
        router.put("/api/v1/admin/users/{id}", ADMIN, users::update);
        router.delete("/api/v1/admin/users/{id}", ADMIN, users::delete);
        router.put("/api/v1/admin/users/{id}/password", ADMIN, users::resetPassword, passwords);

        router.get("/api/v1/admin/groups", ADMIN, groups::list);
        router.post("/api/v1/admin/groups", ADMIN, groups::create);
        router.delete("/api/v1/admin/groups/{id}", ADMIN, groups::delete);
        router.get("/api/v1/admin/groups/{id}/members", ADMIN, groups::members);
        router.post("/api/v1/admin/groups/{id}/members", ADMIN, groups::addMember);
        router.delete("/api/v1/admin/groups/{group_id}/members/{user_id}", ADMIN, groups::removeMember);

        router.get("/api/v1/admin/settings", ADMIN, settings::get);
        router.put("/api/v1/admin/settings", ADMIN, settings::update);

        router.post("/api/v1/admin/backup", ADMIN, backups::startBackup);
        router.get("/api/v1/admin/backup/{job_id}/status", ADMIN, backups::backupStatus);
        router.get("/api/v1/admin/backup/{job_id}/download", ADMIN, backups::downloadBackup);
        router.delete("/api/v1/admin/backup/{job_id}", ADMIN, backups::discardBackup);
        router.post("/api/v1/admin/restore", ADMIN, backups::startRestore);
        router.get("/api/v1/admin/restore/{job_id}/status", ADMIN, backups::restoreStatus);
        router.delete("/api/v1/admin/restore/{job_id}", ADMIN, backups::discardRestore);
        router.post("/api/v1/admin/migrate-storage", ADMIN, backups::migrateStorage, waiting);

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

        router.get("/api/v1/search", SESSION, search::search);

        router.get("/api/v1/nfc-tags", SESSION, tags::list);
        router.post("/api/v1/nfc-tags", SESSION, tags::create);
        router.get("/api/v1/nfc-tags/resolve/{tag_uri}", SESSION, tags::resolve);
        router.get("/api/v1/nfc-tags/resolve-uid", SESSION, tags::resolveUid);
        router.post("/api/v1/nfc-tags/register-and-assign", SESSION, tags::registerAndAssign);
        router.get("/api/v1/nfc-tags/{id}", SESSION, tags::get);
        router.delete("/api/v1/nfc-tags/{id}", SESSION, tags::delete);
        router.put("/api/v1/nfc-tags/{id}/assign", SESSION, tags::assign);
        router.put("/api/v1/nfc-tags/{id}/unassign", SESSION, tags::unassign);

        router.post("/api/v1/identify", SESSION, identify::identify);
        router.post("/api/v1/identify/correct", SESSION, identify::identify);

        router.post("/api/v1/photos", SESSION, photos::upload);
        router.get("/api/v1/photos/by-entity", SESSION, photos::listByEntity);
        router.get("/api/v1/photos/{id}", SESSION, photos::get);
        router.delete("/api/v1/photos/{id}", SESSION, photos::delete);
        router.get("/api/v1/photos/{id}/file", SESSION, photos::file, pictures);
        router.get("/api/v1/photos/{id}/large", SESSION, photos::large, pictures);
        router.get("/api/v1/photos/{id}/thumbnail", SESSION, photos::thumbnail, pictures);
        router.post("/api/v1/photos/{id}/rotate", SESSION, photos::rotate);
        router.post("/api/v1/photos/{id}/primary", SESSION, photos::makePrimary);

        web.ifPresent(files -> router.getBelow("/", ANYONE, files::file));
        return router;
    }
}

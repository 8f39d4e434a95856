package io.storeit.server;

import static io.storeit.server.http.Access.ADMIN;
import static io.storeit.server.http.Access.ANYONE;
import static io.storeit.server.http.Access.SESSION;

import io.storeit.server.backup.BackupRoutes;
import io.storeit.server.container.ContainerRoutes;
import io.storeit.server.http.Guard;
import io.storeit.server.http.Router;
import io.storeit.server.http.Workers;
import io.storeit.server.item.ItemRoutes;
import io.storeit.server.system.SystemRoutes;
import io.storeit.server.user.UserRoutes;

/** Every URL of the server. */
final class Routes {
    private Routes() {
    }

    /** @param passwords where passwords are checked */
    static Router of(
            Guard guard,
            Workers passwords,
            SystemRoutes system,
            UserRoutes users,
            BackupRoutes backups,
            ContainerRoutes containers,
            ItemRoutes items) {
        var router = new Router(guard);

        router.get("/health", ANYONE, system::health);
        router.get("/api/v1/admin/schema-version", ANYONE, system::schemaVersion);

        router.get("/api/v1/auth/mode", ANYONE, users::mode);
        router.post("/api/v1/auth/local/login", ANYONE, users::login, passwords);
        router.post("/api/v1/auth/logout", SESSION, users::logout);
        router.get("/api/v1/auth/me", SESSION, users::me);

        router.post("/api/v1/admin/backup", ADMIN, backups::startBackup);
        router.get("/api/v1/admin/backup/{job_id}/status", ADMIN, backups::backupStatus);
        router.get("/api/v1/admin/backup/{job_id}/download", ADMIN, backups::downloadBackup);
        router.post("/api/v1/admin/restore", ADMIN, backups::startRestore);
        router.get("/api/v1/admin/restore/{job_id}/status", ADMIN, backups::restoreStatus);

        router.get("/api/v1/containers", SESSION, containers::list);
        router.get("/api/v1/containers/{id}/items", SESSION, items::listInContainer);

        router.post("/api/v1/items", SESSION, items::create);
        router.get("/api/v1/items/{id}", SESSION, items::get);

        return router;
    }
}

package io.storeit.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.storeit.interchange.images.ImageStore;
import io.storeit.server.TestServer.Client;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Tests image files with the names of very old installations. */
class StorageMigrationTest {
    private static final String SHARED = "aaaaaaaa-0000-4000-8000-000000000001.webp";
    private static final String UNREADABLE = "aaaaaaaa-0000-4000-8000-000000000002.jpg";
    private static final String PHOTO = "9806bf8f-28c9-4ed6-bc5a-d73507071827";
    private static final String OTHER_PHOTO = "495a404f-86f3-42b2-9758-5d2f5cb141e4";

    @TempDir
    Path folder;

    @Test
    @DisplayName("D124: images move to new names by copies, whatever is unreadable stays, and doing it again is harmless")
    void migrates() throws IOException {
        Path database = Fixture.SCHEMA_2.copyTo(folder);
        Path images = folder.resolve("images");
        String key = Sqlite.value(database, "SELECT storage_key FROM photos WHERE id = '" + PHOTO + "'");
        Files.move(images.resolve(key), images.resolve(SHARED));
        Sqlite.execute(database,
                "UPDATE photos SET storage_key = '" + SHARED + "' WHERE id IN ('" + PHOTO + "', '" + OTHER_PHOTO + "')",
                "UPDATE photos SET storage_key = '" + UNREADABLE + "' WHERE id = '7454a5c0-bab3-4126-8d8f-a214a3589acf'");
        try (TestServer server = TestServer.in(folder)) {
            Client zoe = server.login("zoe", "z".repeat(100));
            assertThat(server.anonymous().send("POST", "/api/v1/admin/migrate-storage").status()).isEqualTo(401);
            assertThat(zoe.send("POST", "/api/v1/admin/migrate-storage").status()).isEqualTo(403);
            byte[] before = zoe.get("/api/v1/photos/" + OTHER_PHOTO + "/file").bytes();
            Client admin = server.login("admin", "changeme");

            assertThat(admin.send("POST", "/api/v1/admin/migrate-storage").body()).isEqualTo("{\"migrated\":2,\"skipped\":28,\"errors\":1}");

            assertThat(zoe.get("/api/v1/photos/" + OTHER_PHOTO + "/file").bytes()).isEqualTo(before);
            assertThat(Sqlite.rows(database, "SELECT DISTINCT storage_key FROM photos WHERE id IN ('" + PHOTO + "', '" + OTHER_PHOTO + "')")).containsExactly(key);
            assertThat(new ImageStore(images).isIntact(key)).isTrue();
            // Until nothing can want it back, such as a backup that is being made.
            assertThat(images.resolve(SHARED)).exists();
            assertThat(Sqlite.rows(database, "SELECT key FROM _meta WHERE key LIKE 'removed_image:%'")).isEqualTo(List.of("removed_image:" + SHARED));
            assertThat(admin.send("POST", "/api/v1/admin/migrate-storage").body()).isEqualTo("{\"migrated\":0,\"skipped\":30,\"errors\":1}");
        }
    }
}

package io.storeit.interchange.sqlite;

import static org.assertj.core.api.Assertions.assertThat;

import io.storeit.interchange.base.Json;
import io.storeit.interchange.base.Progress;
import io.storeit.interchange.schema.Table;
import io.storeit.interchange.transfer.EditedArchive;
import io.storeit.interchange.transfer.ImportReport;
import io.storeit.interchange.transfer.Imports;
import java.nio.file.Path;
import java.sql.SQLException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The two ways of adding a database up. */
class DatabaseChecksTest {

    @TempDir
    Path folder;

    @Test
    void theQuickWayOfReadingBackGivesTheSameDigest() throws Exception {
        EditedArchive archive = EditedArchive.ofFixture();
        archive.rows(Table.ITEMS).get(0).putObject("ai_raw").put("size", 1.5).putArray("parts").add("ü").addNull();
        archive.rows(Table.ITEMS).get(1).put("name", "nul \0 in it").put("description", "").put("quantity", Integer.MIN_VALUE);
        archive.rows(Table.ITEMS).get(2).putArray("keywords").add("").add("\u0007\"\\\ud83d\ude00");
        archive.rows(Table.ITEMS).get(3).set("ai_raw", Json.MAPPER.readTree("\"text\""));
        archive.rows(Table.ITEMS).get(4).put("ai_raw", false);
        archive.rows(Table.PHOTOS).get(0).put("is_primary", true).put("rotation", -90);
        Path database = folder.resolve("new.db");
        Imports.build(archive.write(folder.resolve("a.storeit")), database, folder.resolve("images"));
        assertQuickEqualsThorough(database);
        assertQuickEqualsThorough(Fixtures.SCHEMA_2.database());
    }

    @Test
    void aTextWithTheCharacterBetweenValuesIsReadBackThoroughly() throws Exception {
        for (String odd : new String[] {"a\u001fb", "\u001e"}) {
            EditedArchive archive = EditedArchive.ofFixture();
            archive.rows(Table.ITEMS).get(0).put("description", odd);
            Path database = folder.resolve("new" + (int) odd.charAt(0) + ".db");
            ImportReport report = Imports.build(archive.write(folder.resolve("a.storeit")), database, folder.resolve("images"));
            assertThat(report.digest()).isEqualTo(thorough(database).digest());
        }
    }

    private static void assertQuickEqualsThorough(Path database) throws SQLException {
        try (var connection = Sqlite.readOnly(Sqlite.uri(database, "mode=ro"))) {
            assertThat(DatabaseChecks.contentJustWritten(connection, 2)).hasValue(thorough(database));
        }
    }

    private static DatabaseChecks.Content thorough(Path database) throws SQLException {
        try (var connection = Sqlite.readOnly(Sqlite.uri(database, "mode=ro"))) {
            return DatabaseChecks.content(connection, 2, new Warnings(), Progress.NONE);
        }
    }
}

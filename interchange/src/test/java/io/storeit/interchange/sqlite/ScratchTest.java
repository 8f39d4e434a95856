package io.storeit.interchange.sqlite;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.storeit.interchange.base.DatabaseException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

class ScratchTest {

    /** More than the cache holds, so that it is written and read again. */
    @Test
    @EnabledOnOs(OS.LINUX)
    void itsFileHasNoName() throws Exception {
        try (var scratch = new Scratch("test")) {
            scratch.execute("CREATE TABLE numbers (number INTEGER PRIMARY KEY, text TEXT)");
            scratch.execute("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 60000) INSERT INTO numbers"
                    + " SELECT i, hex(zeroblob(500)) || i FROM n");
            scratch.execute("CREATE INDEX by_text ON numbers (text)");
            scratch.connection().commit();
            scratch.execute("DELETE FROM numbers WHERE number % 2 = 0");
            assertThat(Sqlite.number(scratch.connection(), "SELECT count(*) FROM numbers WHERE text LIKE '%1'")).isEqualTo(6000);
            assertThat(openScratchFiles()).isNotEmpty().allMatch(file -> file.endsWith("scratch.db (deleted)"));
        }
    }

    @Test
    void aFailureSaysWhatCouldNotBeDoneWhere() throws Exception {
        try (var scratch = new Scratch("do this")) {
            assertThatThrownBy(() -> {
                try {
                    scratch.execute("SELECT * FROM absent");
                } catch (SQLException e) {
                    throw scratch.failure(e);
                }
            }).isInstanceOf(DatabaseException.class).hasMessageMatching("cannot do this in /[^:]+: .*no such table.*");
        }
    }

    private static List<String> openScratchFiles() throws IOException {
        try (Stream<Path> files = Files.list(Path.of("/proc/self/fd"))) {
            return files.map(ScratchTest::target).filter(file -> file.contains("scratch.db")).toList();
        }
    }

    private static String target(Path descriptor) {
        try {
            return Files.readSymbolicLink(descriptor).toString();
        } catch (IOException closedMeanwhile) {
            return "";
        }
    }
}

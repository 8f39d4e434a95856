package io.storeit.ops.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.storeit.ops.server.RowsForTarget.Data;
import io.storeit.ops.server.RowsForTarget.Way;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The table of how rows get to a target. */
class RowsForTargetTest {

    @ParameterizedTest
    @CsvSource({
        "false, false, BACKUP, CONVERT_BACKUP",
        "false, true, BACKUP, CONVERT_BACKUP",
        "false, false, STOPPED_DATABASE, EXPORT_HERE",
        "false, true, STOPPED_DATABASE, EXPORT_HERE",
        "true, false, BACKUP, CONVERT_BACKUP",
        "true, true, BACKUP, REBUILD_AND_EXPORT_BY_SOURCE",
        "true, false, STOPPED_DATABASE, EXPORT_BY_SOURCE",
        "true, true, STOPPED_DATABASE, EXPORT_BY_SOURCE"})
    void theNewerSideConvertsAndAnOldServerIsHelped(boolean sourceSince030, boolean downwards, Data data, Way way) {
        assertThat(Way.of(sourceSince030, downwards, data)).isEqualTo(way);
    }
}

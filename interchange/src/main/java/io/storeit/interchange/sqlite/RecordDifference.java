package io.storeit.interchange.sqlite;

import io.storeit.interchange.Table;
import java.nio.file.Path;
import java.util.Map;

/** How many records two databases of the same household differ in. */
public final class RecordDifference {

    /**
     * @param added   records that only the newer database has
     * @param removed records that only the older database has
     * @param changed records that both have, with different content
     */
    public record Difference(long added, long removed, long changed) {
        public boolean isEmpty() {
            return added == 0 && removed == 0 && changed == 0;
        }
    }

    private RecordDifference() {
    }

    public static Map<Table, Difference> between(Path newer, Path older) {
        throw new UnsupportedOperationException();
    }
}

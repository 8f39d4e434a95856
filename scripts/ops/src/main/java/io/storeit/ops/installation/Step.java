package io.storeit.ops.installation;

import com.fasterxml.jackson.annotation.JsonValue;
import java.util.Locale;

/** Lists the steps of a move, in the order of an upgrade. A downgrade switches the binary before the database. */
public enum Step {
    BACKUP, DOWNLOAD, REHEARSE, STOP, IMPORT, SWITCH_DATABASE, SWITCH_BINARY, START, CHECK, COMMIT;

    boolean isBeforeTheStop() {
        return compareTo(STOP) < 0;
    }

    @JsonValue
    public String json() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}

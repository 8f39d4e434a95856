package io.storeit.ops.installation;

import com.fasterxml.jackson.annotation.JsonValue;
import java.util.Locale;

public enum Direction {
    UPGRADE, DOWNGRADE, ROLLBACK;

    public String title() {
        return name().charAt(0) + json().substring(1);
    }

    @JsonValue
    public String json() {
        return name().toLowerCase(Locale.ROOT);
    }
}

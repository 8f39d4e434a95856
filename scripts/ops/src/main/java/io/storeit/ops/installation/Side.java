package io.storeit.ops.installation;

import io.storeit.ops.base.Version;

/** Describes one end of a move. @param schema the schema version; 0 while it is unknown */
public record Side(String version, int schema) {
    /** Returns whether this version has a token, locks, a health report and the command line that this tool uses. */
    public boolean isSince030() {
        return Version.parse(version).since030();
    }

    Side withSchema(int known) {
        return new Side(version, known);
    }
}

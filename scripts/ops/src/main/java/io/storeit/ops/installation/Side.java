package io.storeit.ops.installation;

import io.storeit.ops.base.Version;

/** One end of a move. @param schema the schema version; 0 until the server's binary was asked */
public record Side(String version, int schema) {
    /** Whether its servers have a token, locks, a health report and the command line that this tool uses. */
    public boolean isSince030() {
        return Version.parse(version).since030();
    }

    public Side withSchema(int known) {
        return new Side(version, known);
    }
}

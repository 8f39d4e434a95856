package io.storeit.ops.installation;

import java.nio.file.Path;

/** The archive that a move began with. @param changeToken of the database at that moment; null when it had none */
public record SafetyBackup(Path archive, String digest, String changeToken) {}

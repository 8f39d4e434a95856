package io.storeit.ops.installation;

import java.nio.file.Path;

/** Describes the archive that a move makes first. @param changeToken the change token of the database at that time; null when it had none */
public record SafetyBackup(Path archive, String digest, String changeToken) {}

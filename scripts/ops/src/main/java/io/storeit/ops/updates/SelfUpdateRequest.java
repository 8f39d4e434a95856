package io.storeit.ops.updates;

import java.nio.file.Path;

/**
 * Holds the options of {@code self-update}.
 *
 * @param version {@code latest}, or a version
 * @param file the program to replace; null means the running one
 * @param allowUnsigned whether to accept a release whose signature cannot be checked
 */
public record SelfUpdateRequest(String version, Path file, boolean allowUnsigned, boolean dryRun) {}

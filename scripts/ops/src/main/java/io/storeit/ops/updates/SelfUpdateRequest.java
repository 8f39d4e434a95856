package io.storeit.ops.updates;

import java.nio.file.Path;

/**
 * What {@code self-update} was asked for.
 *
 * @param version {@code latest}, or a version
 * @param file the program to replace; null is the one that runs
 * @param allowUnsigned a release whose signature cannot be checked may be used
 */
public record SelfUpdateRequest(String version, Path file, boolean allowUnsigned, boolean dryRun) {}

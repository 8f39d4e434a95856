package io.storeit.ops.install;

import io.storeit.ops.console.Consents;
import java.nio.file.Path;

/**
 * Holds the options of {@code install}.
 *
 * @param version {@code latest}, or a version
 * @param forUser whether to install for the calling user only
 * @param noService whether to install without a service
 * @param bind the address and port that the server listens on
 * @param java the Java that the server runs with; null lets the installer choose
 */
public record InstallRequest(String version, boolean forUser, boolean noService, String bind, Path java, Consents consents) {}

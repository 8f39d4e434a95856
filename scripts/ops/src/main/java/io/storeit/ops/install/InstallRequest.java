package io.storeit.ops.install;

import io.storeit.ops.console.Consents;
import java.nio.file.Path;

/**
 * What {@code install} was asked for.
 *
 * @param version {@code latest}, or a version
 * @param forUser for the calling user only
 * @param noService no service is set up
 * @param bind address and port the server listens on
 * @param java the Java the server runs with; null lets the installer choose
 */
public record InstallRequest(String version, boolean forUser, boolean noService, String bind, Path java, Consents consents) {}

package io.storeit.ops.install;

import io.storeit.ops.console.Consents;

/**
 * Holds the options of {@code uninstall}.
 *
 * @param forUser whether to uninstall for the calling user only
 * @param deleteData whether to remove data, backups and settings too
 */
public record UninstallRequest(boolean forUser, boolean deleteData, Consents consents) {}

package io.storeit.ops.install;

import io.storeit.ops.console.Consents;

/**
 * What {@code uninstall} was asked for.
 *
 * @param forUser what was installed for the calling user only
 * @param deleteData data, backups and settings go too
 */
public record UninstallRequest(boolean forUser, boolean deleteData, Consents consents) {}

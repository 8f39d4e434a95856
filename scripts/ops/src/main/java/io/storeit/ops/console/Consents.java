package io.storeit.ops.console;

/**
 * Holds the answers that options give in advance to the questions of a command.
 *
 * @param yes the ordinary questions
 * @param allowUnsigned a release whose signature cannot be checked may be used
 * @param acceptLoss values that the older version cannot hold may be left out
 * @param dryRun nothing is done; the questions are only listed
 */
public record Consents(boolean yes, boolean allowUnsigned, boolean acceptLoss, boolean dryRun) {
    public static final Consents NONE = new Consents(false, false, false, false);
}

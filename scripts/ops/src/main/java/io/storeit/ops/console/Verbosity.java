package io.storeit.ops.console;

/**
 * How much a command prints.
 *
 * @param quiet only results, warnings and errors
 * @param verbose the whole cause of an error
 * @param json the result, or the error, as one JSON object
 */
public record Verbosity(boolean quiet, boolean verbose, boolean json) {}

package io.storeit.ops.console;

/**
 * Selects what a command prints.
 *
 * @param quiet prints only results, warnings and errors
 * @param verbose prints the whole cause of an error
 * @param json prints the result, or the error, as one JSON object
 */
public record Verbosity(boolean quiet, boolean verbose, boolean json) {}

package io.storeit.ops.console;

/** Is the result of a command that has nothing to print. */
public record Done() implements Result {
    @Override
    public void print(Console console) {}
}

package io.storeit.ops.console;

/** Of a command that has nothing to tell. */
public record Done() implements Result {
    @Override
    public void print(Console console) {}
}

package io.storeit.bench;

/** Something could not be measured; the message says what and why. */
final class BenchException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    BenchException(String message) {
        super(message);
    }
}

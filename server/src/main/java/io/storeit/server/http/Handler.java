package io.storeit.server.http;

/**
 * Answers one request, on a worker thread, after the caller was admitted. What it throws becomes the error answer ({@link
 * ErrorHandler}).
 */
@FunctionalInterface
public interface Handler {
    Response handle(Request request) throws Exception;
}

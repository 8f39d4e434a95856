package io.storeit.ops.installation;

/** A file whose name means another one from a step on, both as the file system knows them. */
public record Switched(String oldIdentity, String newIdentity) {
    public boolean isTo(String identity) {
        return identity.equals(newIdentity);
    }
}

package io.storeit.ops.installation;

/** Records that a step replaces a file: the identities of the old and of the new file in the file system. */
public record Switched(String oldIdentity, String newIdentity) {
    public boolean isTo(String identity) {
        return identity.equals(newIdentity);
    }
}

package io.storeit.ops.host;

import java.time.Duration;
import java.util.List;
import okhttp3.ConnectionSpec;
import okhttp3.OkHttpClient;

/** Makes HTTP clients that load no TLS for plain addresses, because loading it takes 50 ms. */
public final class Http {
    private Http() {}

    public static OkHttpClient client(String url) {
        var builder = new OkHttpClient.Builder().connectTimeout(Duration.ofSeconds(10)).readTimeout(Duration.ofSeconds(60));
        if (url.startsWith("http:")) builder.connectionSpecs(List.of(ConnectionSpec.CLEARTEXT));
        return builder.build();
    }
}

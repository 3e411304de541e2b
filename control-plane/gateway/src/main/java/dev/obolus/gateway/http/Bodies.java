// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.gateway.http;

import dev.obolus.gateway.ErrorCode;
import dev.obolus.gateway.GatewaySettings;
import dev.obolus.gateway.Refusal;
import java.nio.charset.Charset;
import java.nio.charset.IllegalCharsetNameException;
import java.nio.charset.StandardCharsets;
import java.nio.charset.UnsupportedCharsetException;
import java.util.concurrent.TimeoutException;
import org.springframework.core.io.buffer.DataBuffer;
import org.springframework.core.io.buffer.DataBufferUtils;
import org.springframework.http.HttpHeaders;
import org.springframework.http.InvalidMediaTypeException;
import org.springframework.http.MediaType;
import org.springframework.http.server.reactive.ServerHttpRequest;
import reactor.core.publisher.Mono;

/** Gathers a JSON body: of the right type, no larger and no slower than is taken. */
final class Bodies {
  private final GatewaySettings.Limits limits;

  Bodies(GatewaySettings.Limits limits) {
    this.limits = limits;
  }

  /** The bytes; none where the body is empty. */
  Mono<byte[]> read(ServerHttpRequest request) {
    return Mono.defer(() -> checked(request))
        .flatMap(checked -> DataBufferUtils.join(checked.getBody(), limits.bodyBytes()))
        .map(Bodies::bytes)
        .defaultIfEmpty(new byte[0])
        .timeout(limits.bodyTimeout())
        .onErrorMap(TimeoutException.class, _ -> slow());
  }

  private Mono<ServerHttpRequest> checked(ServerHttpRequest request) {
    if (!isPlainJson(request.getHeaders())) {
      return Mono.error(() -> refusal(ErrorCode.UNSUPPORTED_MEDIA_TYPE));
    }
    return request.getHeaders().getContentLength() > limits.bodyBytes()
        ? Mono.error(() -> refusal(ErrorCode.TOO_LARGE))
        : Mono.just(request);
  }

  /** JSON is UTF-8 (RFC 8259 §8.1), and a packed body could be of any size. */
  private static boolean isPlainJson(HttpHeaders headers) {
    try {
      MediaType type = headers.getContentType();
      Charset charset = type == null ? null : type.getCharset();
      return type != null
          && MediaType.APPLICATION_JSON.equalsTypeAndSubtype(type)
          && (charset == null || charset.equals(StandardCharsets.UTF_8))
          && headers.getOrEmpty(HttpHeaders.CONTENT_ENCODING).isEmpty();
    } catch (InvalidMediaTypeException
        | IllegalCharsetNameException
        | UnsupportedCharsetException unreadable) {
      return false;
    }
  }

  private static byte[] bytes(DataBuffer buffer) {
    byte[] bytes = new byte[buffer.readableByteCount()];
    buffer.read(bytes);
    DataBufferUtils.release(buffer);
    return bytes;
  }

  private static Refusal refusal(ErrorCode code) {
    return Refusal.of(code, code.sentence());
  }

  private static Refusal slow() {
    return Refusal.of(ErrorCode.MALFORMED, "The body did not come in time.");
  }
}

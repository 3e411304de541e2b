// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.gateway.http;

import dev.obolus.audit.AuditLog;
import dev.obolus.gateway.ErrorCode;
import dev.obolus.gateway.Refusal;
import dev.obolus.gateway.identity.IdentityUnavailable;
import dev.obolus.gateway.identity.TokenRefused;
import java.util.Optional;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.webflux.error.ErrorWebExceptionHandler;
import org.springframework.core.Ordered;
import org.springframework.core.io.buffer.DataBufferLimitException;
import org.springframework.http.HttpMethod;
import org.springframework.security.access.AccessDeniedException;
import org.springframework.security.core.AuthenticationException;
import org.springframework.security.web.server.ServerAuthenticationEntryPoint;
import org.springframework.security.web.server.firewall.ServerExchangeRejectedException;
import org.springframework.security.web.server.firewall.ServerExchangeRejectedHandler;
import org.springframework.web.server.MethodNotAllowedException;
import org.springframework.web.server.ResponseStatusException;
import org.springframework.web.server.ServerWebExchange;
import reactor.core.publisher.Mono;

/**
 * The third boundary where errors are translated: whatever went wrong leaves as a problem, with a
 * code and a sentence of ours, and never with a word of an exception. Those that leave no record of
 * their own are counted.
 */
final class Refusals
    implements ErrorWebExceptionHandler,
        ServerAuthenticationEntryPoint,
        ServerExchangeRejectedHandler,
        Ordered {
  private static final Logger LOG = LoggerFactory.getLogger(Refusals.class);

  private final ProblemWriter writer;
  private final Rejections rejections;

  Refusals(ProblemWriter writer, Rejections rejections) {
    this.writer = writer;
    this.rejections = rejections;
  }

  /** Before Spring's own, which would name paths and classes. */
  @Override
  public int getOrder() {
    return -2;
  }

  @Override
  public Mono<Void> commence(ServerWebExchange exchange, AuthenticationException refused) {
    return answer(exchange, unauthenticated(refused));
  }

  @Override
  public Mono<Void> handle(ServerWebExchange exchange, ServerExchangeRejectedException rejected) {
    return answer(
        exchange, Problem.of(ErrorCode.MALFORMED, "The address or a header is not taken."));
  }

  @Override
  public Mono<Void> handle(ServerWebExchange exchange, Throwable fault) {
    return exchange.getResponse().isCommitted()
        ? Mono.error(fault)
        : answer(exchange, problemOf(exchange, fault));
  }

  private Mono<Void> answer(ServerWebExchange exchange, Problem problem) {
    countedAs(problem).ifPresent(rejections::count);
    return writer.write(exchange, problem);
  }

  /** A stranger's and a careless caller's mistakes are counted; ours are told to the log file. */
  private static Optional<String> countedAs(Problem problem) {
    return switch (problem.code().kind()) {
      case CALLER ->
          Optional.of((String) problem.members().getOrDefault("fact", problem.code().word()));
      case REFUSED, STEP_UP, CONSENT, UPSTREAM, AUDIT, INTERNAL -> Optional.empty();
    };
  }

  private static Problem unauthenticated(AuthenticationException refused) {
    return refused instanceof TokenRefused token
        ? invalidToken(token)
        : Problem.of(ErrorCode.UNAUTHENTICATED, ErrorCode.UNAUTHENTICATED.sentence())
            .withHeader("WWW-Authenticate", "Bearer realm=\"obolus\"");
  }

  private static Problem invalidToken(TokenRefused refused) {
    return Problem.of(ErrorCode.INVALID_TOKEN, refused.sentence())
        .withHeader(
            "WWW-Authenticate",
            "Bearer realm=\"obolus\", error=\"invalid_token\", error_description=\""
                + refused.fault().sentence()
                + "\"")
        .with("fact", refused.fault().word());
  }

  private static Problem problemOf(ServerWebExchange exchange, Throwable fault) {
    return switch (fault) {
      case Refusal refusal -> problemOf(refusal);
      case TokenRefused refused -> invalidToken(refused);
      case IdentityUnavailable gone ->
          told(exchange, gone, ErrorCode.IDENTITY_UNAVAILABLE, gone.fact());
      case AuthenticationException refused -> unauthenticated(refused);
      case AuditLog.LogUnavailable gone ->
          told(exchange, gone, ErrorCode.AUDIT_UNAVAILABLE, gone.why().name());
      case DataBufferLimitException large ->
          Problem.of(ErrorCode.TOO_LARGE, ErrorCode.TOO_LARGE.sentence());
      case MethodNotAllowedException wrong ->
          Problem.of(ErrorCode.METHOD_NOT_ALLOWED, ErrorCode.METHOD_NOT_ALLOWED.sentence())
              .withHeader("Allow", allowed(wrong));
      case AccessDeniedException _ ->
          Problem.of(ErrorCode.NOT_FOUND, ErrorCode.NOT_FOUND.sentence());
      case ResponseStatusException status -> ofStatus(exchange, status);
      default -> told(exchange, fault, ErrorCode.INTERNAL, fault.getClass().getName());
    };
  }

  private static Problem problemOf(Refusal refusal) {
    return Problem.of(refusal.code(), refusal.detail())
        .retryAfter(refusal.retryAfter())
        .withAny("errors", refusal.errors());
  }

  private static Problem ofStatus(ServerWebExchange exchange, ResponseStatusException status) {
    ErrorCode code =
        switch (status.getStatusCode().value()) {
          case 400, 406 -> ErrorCode.MALFORMED;
          case 404 -> ErrorCode.NOT_FOUND;
          case 413 -> ErrorCode.TOO_LARGE;
          case 415 -> ErrorCode.UNSUPPORTED_MEDIA_TYPE;
          default -> ErrorCode.INTERNAL;
        };
    return code == ErrorCode.INTERNAL
        ? told(exchange, status, code, status.getClass().getName())
        : Problem.of(code, code.sentence());
  }

  private static String allowed(MethodNotAllowedException wrong) {
    return wrong.getSupportedMethods().stream()
        .map(HttpMethod::name)
        .sorted()
        .collect(Collectors.joining(", "));
  }

  /**
   * A fault of ours: whoever runs this gateway is told which, by class and place; never by message,
   * which may hold what a caller or a source wrote.
   */
  private static Problem told(
      ServerWebExchange exchange, Throwable fault, ErrorCode code, String fact) {
    StackTraceElement[] trace = fault.getStackTrace();
    LOG.atError()
        .addKeyValue("request_id", Envelope.of(exchange).requestId())
        .addKeyValue("code", code.word())
        .addKeyValue("fact", fact)
        .addKeyValue("at", trace.length == 0 ? "-" : trace[0].toString())
        .log("fault");
    return Problem.of(code, code.sentence());
  }
}

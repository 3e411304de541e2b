// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.console.web;

import dev.obolus.console.web.Page.Notice;
import dev.obolus.console.web.ReadableHeaders.UnreadableHeader;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.http.HttpStatus;
import org.springframework.web.server.ResponseStatusException;
import org.springframework.web.server.ServerWebExchange;
import org.springframework.web.server.WebExceptionHandler;
import reactor.core.publisher.Mono;

/**
 * What went wrong, as a page: state, cause, next step, and nothing of our insides. The log is told
 * a fault's class and place, never its message, which may hold what a caller or the log wrote.
 */
@Order(Ordered.HIGHEST_PRECEDENCE + 10)
public final class Faults implements WebExceptionHandler {
  private static final Logger LOG = LoggerFactory.getLogger(Faults.class);

  private final Pages pages;

  public Faults(Pages pages) {
    this.pages = pages;
  }

  /** The log cannot be read. */
  public static final class LogUnreadable extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public LogUnreadable(Throwable cause) {
      super("the audit log cannot be read", cause);
    }
  }

  @Override
  public Mono<Void> handle(ServerWebExchange exchange, Throwable fault) {
    if (exchange.getResponse().isCommitted()) {
      return Mono.error(fault);
    }
    return pages.write(exchange, page(exchange, fault));
  }

  private static Page page(ServerWebExchange exchange, Throwable fault) {
    return switch (fault) {
      case LogUnreadable unreadable -> unreadable(exchange, unreadable);
      case UnreadableHeader header -> unreadable(header);
      case ResponseStatusException known -> known(known);
      default -> unknown(exchange, fault);
    };
  }

  private static Page unreadable(ServerWebExchange exchange, LogUnreadable fault) {
    LOG.atWarn()
        .addKeyValue("path", exchange.getRequest().getPath().value())
        .addKeyValue("class", classOf(fault.getCause()))
        .log("the audit log cannot be read");
    exchange.getResponse().getHeaders().set("Retry-After", "5");
    return Page.notice(
        HttpStatus.SERVICE_UNAVAILABLE,
        new Notice(
            "error",
            "The log cannot be read",
            "The database that holds the audit log does not answer. Nothing is lost: what was sealed"
                + " stays sealed, and a gateway that cannot write serves nothing.",
            "The console tries again by itself. If it lasts, look at the database.",
            "/audit",
            "Try again"));
  }

  private static Page unreadable(UnreadableHeader header) {
    return Page.notice(
        HttpStatus.BAD_REQUEST,
        new Notice(
            "error",
            "This request cannot be read",
            "Its header " + header.name() + " holds something that is no media type.",
            "Correct the header, or leave it out.",
            "/audit",
            "Live audit"));
  }

  private static String classOf(@Nullable Throwable fault) {
    return fault == null ? "-" : fault.getClass().getName();
  }

  private static String placeOf(Throwable fault) {
    var trace = fault.getStackTrace();
    return trace.length == 0 ? "-" : trace[0].toString();
  }

  private static Page known(ResponseStatusException fault) {
    var status = HttpStatus.valueOf(fault.getStatusCode().value());
    return status == HttpStatus.NOT_FOUND
        ? notFound()
        : Page.notice(
            status,
            new Notice(
                "error",
                status.getReasonPhrase(),
                "The console does not take this request.",
                "Go back to the log.",
                "/audit",
                "Live audit"));
  }

  /** Nothing is here, or nothing that this operator may see: one answer for both. */
  public static Page notFound() {
    return Page.notice(
        HttpStatus.NOT_FOUND,
        new Notice(
            "empty",
            "There is nothing here for you",
            "No such record exists, it is of another tenant, or its number is beyond the head of its"
                + " chain.",
            "Check the address, or find it in the log.",
            "/audit",
            "Live audit"));
  }

  private static Page unknown(ServerWebExchange exchange, Throwable fault) {
    var id = UUID.randomUUID();
    LOG.atError()
        .addKeyValue("path", exchange.getRequest().getPath().value())
        .addKeyValue("fault", id)
        .addKeyValue("class", classOf(fault))
        .addKeyValue("at", placeOf(fault))
        .log("a page could not be made");
    return Page.notice(
        HttpStatus.INTERNAL_SERVER_ERROR,
        new Notice(
            "error",
            "This page could not be made",
            "Something went wrong in the console. The log is not affected.",
            "Tell whoever runs the console this number: " + id,
            "/audit",
            "Live audit"));
  }
}

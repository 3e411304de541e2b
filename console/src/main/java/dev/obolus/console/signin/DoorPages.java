// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.console.signin;

import dev.obolus.console.web.Page;
import dev.obolus.console.web.Page.Notice;
import dev.obolus.console.web.Pages;
import org.springframework.http.HttpStatus;
import org.springframework.stereotype.Controller;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.server.ServerWebExchange;
import reactor.core.publisher.Mono;

/** The pages in front of the door. */
@Controller
final class DoorPages {
  static final Page OUT =
      Page.notice(
          HttpStatus.OK,
          new Notice(
              "ok",
              "You are signed out",
              "The session is gone from the console, and with it every name it knew.",
              "Sign in again to go on.",
              SignInRequests.SIGN_IN_ANEW,
              "Sign in"));
  static final Page EXPIRED =
      Page.notice(
          HttpStatus.UNAUTHORIZED,
          new Notice(
              "stale",
              "Your session has ended",
              "A session lasts as long as the token it was opened with, or until the console starts"
                  + " anew. Nothing you did here is lost: it is in the log.",
              "Sign in again to go on where you were.",
              SignInRequests.SIGN_IN,
              "Sign in"));
  static final Page FAILED =
      Page.notice(
          HttpStatus.UNAUTHORIZED,
          new Notice(
              "error",
              "Sign-in did not succeed",
              "The identity provider refused, did not answer, or its answer could not be verified.",
              "Try again. If it lasts, tell whoever runs the console.",
              SignInRequests.SIGN_IN,
              "Try again"));

  private final Pages pages;

  DoorPages(Pages pages) {
    this.pages = pages;
  }

  @GetMapping("/signed-out")
  Mono<Void> out(ServerWebExchange exchange) {
    return pages.write(exchange, OUT);
  }

  @GetMapping("/session-expired")
  Mono<Void> expired(ServerWebExchange exchange) {
    return pages.write(exchange, EXPIRED);
  }

  @GetMapping("/sign-in-failed")
  Mono<Void> failed(ServerWebExchange exchange) {
    return pages.write(exchange, FAILED);
  }
}

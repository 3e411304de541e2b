// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.console.web;

import java.net.URI;
import java.time.Duration;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpCookie;
import org.springframework.http.ResponseCookie;
import org.springframework.stereotype.Controller;
import org.springframework.util.MultiValueMap;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.server.ServerWebExchange;
import reactor.core.publisher.Mono;

/** Light, dark, or as the system says; rendered by the server, so that no page flashes. */
@Controller
public final class Theme {
  private static final String COOKIE = "obolus-console-theme";
  private static final Set<String> CHOICES = Set.of("light", "dark");
  private static final Pattern PAGE = Pattern.compile("/audit(/[A-Za-z0-9/_-]*)?([?][!-~]*)?");
  private static final Duration KEPT = Duration.ofDays(365);

  /** The chosen theme, or empty for the system's. */
  static String of(ServerWebExchange exchange) {
    HttpCookie cookie = exchange.getRequest().getCookies().getFirst(COOKIE);
    return cookie != null && CHOICES.contains(cookie.getValue()) ? cookie.getValue() : "";
  }

  @PostMapping("/theme")
  Mono<Void> choose(ServerWebExchange exchange) {
    return exchange.getFormData().flatMap(form -> choose(exchange, form));
  }

  private static Mono<Void> choose(ServerWebExchange exchange, MultiValueMap<String, String> form) {
    var theme = form.getFirst("theme");
    boolean chosen = theme != null && CHOICES.contains(theme);
    exchange
        .getResponse()
        .addCookie(
            ResponseCookie.from(COOKIE, chosen ? theme : "")
                .path("/")
                .maxAge(chosen ? KEPT : Duration.ZERO)
                .httpOnly(true)
                .sameSite("Lax")
                .build());
    return Redirects.seeOther(exchange, local(form.getFirst("back")));
  }

  /** A path of this console and nothing else. */
  private static URI local(@Nullable String back) {
    return URI.create(
        back != null && PAGE.matcher(back).matches() && parses(back) ? back : "/audit");
  }

  private static boolean parses(String back) {
    try {
      return !URI.create(back).isAbsolute();
    } catch (IllegalArgumentException notAnAddress) {
      return false;
    }
  }
}

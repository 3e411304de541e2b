// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.console.web;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import org.springframework.http.MediaType;
import org.springframework.security.web.server.csrf.CsrfToken;
import org.springframework.web.server.ServerWebExchange;
import org.thymeleaf.ITemplateEngine;
import org.thymeleaf.context.Context;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;

/** Renders pages, off the event loop: a template is work, not waiting. */
public final class Pages {
  private static final MediaType HTML = new MediaType(MediaType.TEXT_HTML, StandardCharsets.UTF_8);

  private final ITemplateEngine templates;
  private final Frame frame;
  private final Assets assets;
  private final String environment;

  public Pages(ITemplateEngine templates, Frame frame, Assets assets, String environment) {
    this.templates = templates;
    this.frame = frame;
    this.assets = assets;
    this.environment = environment;
  }

  /** Answers with the page. */
  public Mono<Void> write(ServerWebExchange exchange, Page page) {
    return model(exchange, page)
        .flatMap(model -> rendered(page.template(), model))
        .flatMap(html -> send(exchange, page, html));
  }

  private Mono<Map<String, Object>> model(ServerWebExchange exchange, Page page) {
    return frame
        .of(exchange)
        .zipWith(token(exchange), (around, csrf) -> merged(exchange, page, around, csrf));
  }

  private Map<String, Object> merged(
      ServerWebExchange exchange, Page page, Map<String, Object> around, String csrf) {
    var model = new HashMap<String, Object>(around);
    model.put("csrf", csrf);
    model.put("nonce", SecurityHeaders.nonce(exchange));
    model.put("theme", Theme.of(exchange));
    model.put("assets", assets.base());
    model.put("demo", environment.equals("demo"));
    model.put("here", here(exchange));
    model.putAll(page.model());
    return model;
  }

  private static String here(ServerWebExchange exchange) {
    var uri = exchange.getRequest().getURI();
    return uri.getRawQuery() == null
        ? uri.getRawPath()
        : uri.getRawPath() + "?" + uri.getRawQuery();
  }

  /** Only somebody who is signed in has forms to send. */
  private static Mono<String> token(ServerWebExchange exchange) {
    Mono<CsrfToken> token = exchange.getAttributeOrDefault(CsrfToken.class.getName(), Mono.empty());
    return exchange
        .getPrincipal()
        .flatMap(signedIn -> token)
        .map(CsrfToken::getToken)
        .defaultIfEmpty("");
  }

  private Mono<String> rendered(String template, Map<String, Object> model) {
    return Mono.fromCallable(() -> templates.process(template, new Context(Locale.ROOT, model)))
        .subscribeOn(Schedulers.boundedElastic());
  }

  private static Mono<Void> send(ServerWebExchange exchange, Page page, String html) {
    var response = exchange.getResponse();
    response.setStatusCode(page.status());
    response.getHeaders().setContentType(HTML);
    var buffer = response.bufferFactory().wrap(html.getBytes(StandardCharsets.UTF_8));
    return response.writeWith(Mono.just(buffer));
  }

  /** Renders a page outside any request, as the start does with each of them. */
  @CanIgnoreReturnValue
  public String rehearse(Page page) {
    var model =
        new HashMap<String, Object>(
            Map.of("csrf", "", "nonce", "", "theme", "", "assets", assets.base(), "demo", true));
    model.put("here", "/");
    model.putAll(page.model());
    return templates.process(page.template(), new Context(Locale.ROOT, model));
  }
}

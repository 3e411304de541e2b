// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.console.web;

import java.util.Map;
import org.springframework.web.server.ServerWebExchange;
import reactor.core.publisher.Mono;

/** What stands around every page: who is signed in, the state of the log. */
public interface Frame {

  /** The frame's part of the model; never empty, also for strangers. */
  Mono<Map<String, Object>> of(ServerWebExchange exchange);
}

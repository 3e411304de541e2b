// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.console.live;

import dev.obolus.audit.AuditFeed;
import dev.obolus.audit.AuditReader;
import dev.obolus.console.reading.Catalogue;
import dev.obolus.console.signin.Sentences;
import java.security.SecureRandom;
import java.time.Clock;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import reactor.core.scheduler.Schedulers;
import tools.jackson.databind.json.JsonMapper;

/** The tail and its streams. */
@Configuration(proxyBeanMethods = false)
class LiveConfiguration {

  @Bean
  Tail tail(AuditReader reader, AuditFeed feed, SecureRandom random, Clock clock) {
    return new Tail(reader, feed, Schedulers.parallel(), random, clock);
  }

  @Bean
  Frames frames(Tail tail, Catalogue catalogue, JsonMapper json) {
    return new Frames(tail, catalogue, json);
  }

  @Bean
  Streams streams(Tail tail, Frames frames, Sentences sentences, Clock clock) {
    return new Streams(tail, frames, sentences, Schedulers.parallel(), clock);
  }

  @Bean
  Seats seats(
      @Value("${obolus.console.streams:500}") int inAll,
      @Value("${obolus.console.streams-per-operator:4}") int each) {
    return new Seats(inAll, each);
  }
}

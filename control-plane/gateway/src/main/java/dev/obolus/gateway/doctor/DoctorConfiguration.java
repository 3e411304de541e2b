// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.gateway.doctor;

import java.time.Clock;
import java.time.InstantSource;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.ComponentScan;

/**
 * What the doctor borrows of the gateway: how tokens are verified and exchanged, and the
 * connectors. Neither the log nor the front doors. Not annotated as a configuration, so that the
 * gateway itself does not find it.
 */
@EnableAutoConfiguration
@ComponentScan("dev.obolus.gateway.identity")
class DoctorConfiguration {

  @Bean
  InstantSource clock() {
    return Clock.systemUTC();
  }
}

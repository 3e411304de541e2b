// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.connector.obo;

import static dev.obolus.connector.obo.EntraAnswer.CONSENT;
import static dev.obolus.connector.obo.EntraAnswer.CREDENTIAL;
import static dev.obolus.connector.obo.EntraAnswer.DENIED;
import static dev.obolus.connector.obo.EntraAnswer.MISCONFIGURED;
import static dev.obolus.connector.obo.EntraAnswer.NEW_TOKEN;
import static dev.obolus.connector.obo.EntraAnswer.STEP_UP;
import static dev.obolus.connector.obo.EntraAnswer.TRANSIENT;
import static org.assertj.core.api.Assertions.assertThat;

import dev.obolus.connector.ConnectorFailure;
import dev.obolus.connector.ConnectorFailure.ChallengeRequired;
import dev.obolus.connector.ConnectorFailure.ConsentRequired;
import dev.obolus.connector.ConnectorFailure.ExchangeDenied;
import dev.obolus.connector.ConnectorFailure.ExchangeUnavailable;
import dev.obolus.connector.ConnectorFailure.Misconfigured;
import dev.obolus.connector.ConnectorFailure.TokenRejected;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class EntraErrorsTest {
  /** One row of Microsoft's page each; {@code !} where what was issued before is void. */
  @ParameterizedTest
  @CsvSource(
      textBlock =
          """
          NEW_TOKEN,     50013 500131 500133 50027 240002 700082 70008 700084
          NEW_TOKEN,     50173! 50132! 50133! 50055!
          DENIED,        50057! 50034! 51004! 50014!
          STEP_UP,       50076 50079 50072 50074 50078 70043 50158
          CONSENT,       65001 65004 90094 90095 90008
          DENIED,        7000114 53000 53001 53002 53003 530032 530034 530035 53004 53011
          DENIED,        50131 50097 50105 50020 90072 16000 16003 500212 500213 500021
          MISCONFIGURED, 70011 28002 700022 28000 500011 50001 9010010 901002
          MISCONFIGURED, 650052 650054 650057 650056 65005
          MISCONFIGURED, 700016 700011 70001 7000112 700025 50146 50196
          MISCONFIGURED, 90002 90038 900382 900432 9001023
          MISCONFIGURED, 9002313 900144 90014 90009 9002332
          CREDENTIAL,    7000215 7000222 7000218 70002 700027 700030 50012 50048
          CREDENTIAL,    700211 700213 700229
          TRANSIENT,     90055 90033 90006 90024 90090 90012 50033 50087
          """)
  void eachNumberHasItsMeaning(EntraAnswer answer, String numbers) {
    for (String number : numbers.split(" ", -1)) {
      int code = Integer.parseInt(number.replace("!", ""));
      assertThat(EntraErrors.meaning("whatever", "", List.of(code)))
          .as(number)
          .isEqualTo(new EntraErrors.Row(answer, number.endsWith("!")));
      SEEN.add(code);
    }
    assertThat(EntraErrors.TABLE.keySet()).containsAll(SEEN);
  }

  private static final Set<Integer> SEEN = new HashSet<>();

  @ParameterizedTest
  @CsvSource({
    "interaction_required,,STEP_UP",
    "interaction_required,consent_required,CONSENT",
    "invalid_grant,,NEW_TOKEN",
    "invalid_grant,consent_required,CONSENT",
    "invalid_grant,message_only,DENIED",
    "invalid_grant,basic_action,STEP_UP",
    "invalid_grant,additional_action,STEP_UP",
    "invalid_grant,user_password_expired,NEW_TOKEN",
    "invalid_grant,client_mismatch,NEW_TOKEN",
    "invalid_grant,protection_policy_required,DENIED",
    "invalid_grant,never_heard_of,NEW_TOKEN",
    "invalid_token,,NEW_TOKEN",
    "login_required,,STEP_UP",
    "consent_required,,CONSENT",
    "access_denied,,DENIED",
    "invalid_request,,MISCONFIGURED",
    "invalid_resource,,MISCONFIGURED",
    "invalid_target,,MISCONFIGURED",
    "unsupported_grant_type,,MISCONFIGURED",
    "server_error,,TRANSIENT",
    "invalid_client,,CREDENTIAL",
    "unauthorized_client,,MISCONFIGURED",
    "invalid_scope,,MISCONFIGURED",
    "temporarily_unavailable,,TRANSIENT",
    "never_heard_of,,MISCONFIGURED"
  })
  void anUnknownNumberIsReadByItsWord(String error, String suberror, EntraAnswer answer) {
    assertThat(EntraErrors.meaning(error, suberror == null ? "" : suberror, List.of(1)).answer())
        .isEqualTo(answer);
  }

  @Test
  void eachAnswerIsOneFailure() {
    assertThat(failure(NEW_TOKEN)).isInstanceOf(TokenRejected.class);
    assertThat(failure(STEP_UP)).isInstanceOf(ChallengeRequired.class);
    assertThat(failure(CONSENT)).isInstanceOf(ConsentRequired.class);
    assertThat(failure(DENIED)).isInstanceOf(ExchangeDenied.class);
    assertThat(failure(MISCONFIGURED)).isInstanceOf(Misconfigured.class);
    assertThat(failure(CREDENTIAL)).isInstanceOf(ExchangeUnavailable.class);
    assertThat(failure(TRANSIENT)).isInstanceOf(ExchangeUnavailable.class);
  }

  @Test
  void claimsTurnADenialIntoAStepUp() {
    assertThat(DENIED.failure("aadsts53003", Optional.of("{}"), Optional.empty()))
        .isEqualTo(new ChallengeRequired("{}"));
  }

  private static ConnectorFailure failure(EntraAnswer answer) {
    return answer.failure("c", Optional.empty(), Optional.empty());
  }
}

import Foundation
package import SaleCore
import Signatures

/// Sends a signed event to the service of these settings, for trying things out.
package enum PaymentTrial {
    package struct Answer: Sendable {
        package var status: Int
        package var body: String
    }

    /// What would be sent.
    ///
    /// - Throws: `StartError` when there is no secret.
    package static func body(of event: PaymentEvent, settings: Settings) throws(StartError) -> String {
        _ = try sender(settings)
        return PaymentSender.body(of: event)
    }

    /// - Throws: `StartError` when there is no secret, or nobody answers.
    package static func send(_ event: PaymentEvent, settings: Settings, now: Timestamp) async throws(StartError) -> Answer {
        let (sender, address) = try sender(settings)
        do throws(PaymentSender.Failure) {
            let answer = try await sender.send(event, now: now)
            return Answer(status: answer.status, body: answer.body)
        } catch {
            throw .unavailable("the service does not answer (SECKILL_BIND, \(address)): \(error)")
        }
    }

    private static func sender(_ settings: Settings) throws(StartError) -> (PaymentSender, ListenAddress) {
        guard let signature = try Authentication.paymentSignature(settings) else {
            throw .setting(SettingsError("SECKILL_PAYMENT_SECRET_FILE is not set: it holds the secret that the service checks events with"))
        }
        var address = settings.bind
        // Every address of this machine is one of it.
        if address.host == "0.0.0.0" { address.host = "127.0.0.1" }
        if address.host == "::" { address.host = "::1" }
        guard let url = URL(string: "http://\(address)/v1/payments/events") else {
            throw .setting(SettingsError("SECKILL_BIND is no address: \(settings.bind)"))
        }
        return (PaymentSender(signature: signature, url: url), address)
    }
}

import ArgumentParser
import Foundation
import SaleCore
import SaleService
import ServerAssembly

struct PaymentCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "payment", abstract: "Send payment events for trying things out.", subcommands: [Send.self])
}

/// What signs an event, and where it goes.
struct PaymentFlags: SettingFlags {
    @Option(\.bind) var bind: SettingText?
    @Option(\.paymentSecretFile) var paymentSecretFile: SettingText?
}

extension PaymentCommand {
    struct Send: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Tell the service of a payment, signed as its provider would.",
            discussion: """
                It is posted to SECKILL_BIND with the secret of SECKILL_PAYMENT_SECRET_FILE. Amount and currency are the order's unless given. Without --event each run is \
                another event; with it, the same one comes again.
                """)

        @Option(order: "The order.") var order: OrderID
        @Option(help: "What became of it: succeeded or failed.")
        var outcome: PaymentEvent.Outcome
        @Option(help: ArgumentHelp("In the currency's minor unit.", valueName: "minor"), transform: WholeNumber.minor)
        var amount: Int64?
        @Option(help: ArgumentHelp("Three letters.", valueName: "code"))
        var currency: String?
        @Option(help: ArgumentHelp("The event's id.", valueName: "id"))
        var event: String?
        @OptionGroup var stores: StoreFlags
        @OptionGroup var payment: PaymentFlags
        @OptionGroup var writes: WriteOptions

        func run() async throws {
            let settings = try Settings.load(stores.overrides, payment.overrides)
            let event = try await self.event(in: settings)
            let answer: PaymentTrial.Answer
            do {
                if writes.dryRun {
                    Console.data(try PaymentTrial.body(of: event, settings: settings))
                    return Console.message("event \(event.id) would be sent (dry run; nothing was changed)")
                }
                answer = try await PaymentTrial.send(event, settings: settings, now: .now)
            } catch {
                throw CommandFailure(error, settings: settings)
            }
            Console.data(answer.body)
            Console.message("event \(event.id): answered \(answer.status)")
            switch answer.status {
            case 200..<300: return
            case 401, 403: throw CommandFailure(.authentication, "the service does not take the signature: is its secret another one?")
            case 404: throw CommandFailure(.notFound, "the service knows no such order, or takes no payments")
            case 409, 422: throw CommandFailure(.conflict, "the service refuses the event")
            case 429, 500...: throw CommandFailure(.unavailable, "the service cannot take it now")
            default: throw CommandFailure(.failure, "the service refuses the event")
            }
        }

        private func event(in settings: Settings) async throws -> PaymentEvent {
            let found = try await withSession(stores) { session in try await session.orders.order(order).order }
            let id = event ?? "trial-\(UUID().uuidString.lowercased())"
            guard let eventID = PaymentEventID(id) else { throw CommandFailure(.usage, "--event must be 1–255 visible ASCII characters") }
            guard let code = currency.map({ Currency($0) }) ?? found.currency else {
                throw CommandFailure(.usage, "--currency must be three capital letters")
            }
            return PaymentEvent(id: eventID, order: order, outcome: outcome, amount: amount ?? found.amountDue, currency: code)
        }
    }
}

extension PaymentEvent.Outcome: ExpressibleByArgument {}

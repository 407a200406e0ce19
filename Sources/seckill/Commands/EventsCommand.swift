import ArgumentParser
import SaleService
import ServerAssembly

struct EventsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "events", abstract: "Print what happened to orders and sales.",
        discussion: """
            Each event once, in an order that never changes. Without --after from the oldest one that is kept; the id of the last event that was read is a place to go on from.
            """)

    enum Form: String, ExpressibleByArgument, CaseIterable {
        case table
        case json
        case ndjson
    }

    @Option(help: ArgumentHelp("Only what comes behind this event or cursor.", valueName: "cursor"))
    var after: EventPosition = .beginning
    @Flag(help: "Wait for what comes, until interrupted.")
    var follow = false
    @Option(help: ArgumentHelp("Only events of these types, such as order.paid,order.expired.", valueName: "types"))
    var type: [EventTypes] = []
    @Option(help: ArgumentHelp("At most so many.", valueName: "count"))
    var limit = Int.max
    @Option(name: [.short, .long], help: "How to print: table, json or ndjson.")
    var output: Form = .table
    @OptionGroup var stores: StoreFlags

    func validate() throws {
        guard limit >= 1 else { throw ValidationError("--limit must be at least 1") }
        guard !follow || output != .json else { throw ValidationError("--follow has no end, and json needs one: use -o ndjson") }
    }

    private var types: Set<EventType>? { type.isEmpty ? nil : type.reduce(into: []) { $0.formUnion($1.types) } }

    func run() async throws {
        try await withSession(stores) { session in
            let reading = EventReading(feed: session.feed)
            if output == .json { return try await printWhole(reading) }
            var next = after
            var count = 0
            if output == .table { Console.data(EventReport.heading) }
            while count < limit, !Console.hasDataFailed {
                let page: EventPage
                do {
                    page = try await reading.events(
                        after: next, limit: min(Limits.eventsPageMax, limit - count), types: types, wait: follow ? .seconds(1) : .zero)
                } catch let error as JournalError where follow {
                    Console.message("Postgres does not answer, will ask again: \(error)")
                    try await Task.sleep(for: .seconds(1))
                    continue
                }
                if !page.events.isEmpty {
                    Console.data(output == .ndjson ? EventJSON.lines(page.events) : page.events.map(EventReport.line).joined(separator: "\n"))
                }
                count += page.events.count
                next = page.next
                if page.isEnd, !follow { return }
            }
        }
    }

    private func printWhole(_ reading: EventReading) async throws {
        var whole = EventPage(events: [], next: after, isEnd: false)
        while !whole.isEnd, whole.events.count < limit {
            let page = try await reading.events(after: whole.next, limit: min(Limits.eventsPageMax, limit - whole.events.count), types: types)
            whole = EventPage(events: whole.events + page.events, next: page.next, isEnd: page.isEnd)
        }
        Console.data(EventJSON.text(whole))
    }
}

extension EventPosition: ExpressibleByArgument {
    package init?(argument: String) { self.init(argument) }
}

/// Some types of events, with commas between them.
struct EventTypes: ExpressibleByArgument {
    let types: Set<EventType>

    init?(argument: String) {
        let names = argument.split(separator: ",", omittingEmptySubsequences: false).map { EventType(String($0)) }
        guard names.allSatisfy(EventType.all.contains) else { return nil }
        types = Set(names)
    }

    static var allValueStrings: [String] { EventType.all.map(\.rawValue) }
}

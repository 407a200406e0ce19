import ArgumentParser
import SaleCore
import SaleService
import ServerAssembly

struct EventsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "events", abstract: "Print what happened to orders and sales.",
        discussion: """
            Each event once, in an order that never changes. Without --after from the oldest one that is kept; the id of the last event that was read is a place to go on from. \
            With --sale or --order the events of others are read and passed over here.
            """)

    enum Form: String, ExpressibleByArgument, CaseIterable {
        case table
        case json
        case ndjson
    }

    @Option(help: ArgumentHelp("Only what comes behind this event or cursor.", valueName: "cursor"), transform: Self.position)
    var after: EventPosition = .beginning
    @Flag(help: "Wait for what comes, until interrupted.")
    var follow = false
    @Option(help: ArgumentHelp("Only events of these types, such as order.paid,order.expired.", valueName: "types"))
    var type: [EventTypes] = []
    @Option(sale: "Only events of this sale.") var sale: SaleID?
    @Option(order: "Only events of this order.") var order: OrderID?
    @Option(help: ArgumentHelp("At most so many.", valueName: "count"), transform: WholeNumber.count)
    var limit = Int.max
    @Option(name: [.short, .long], help: "How to print: table, json or ndjson.")
    var output: Form = .table
    @OptionGroup var stores: StoreFlags

    func validate() throws {
        guard limit >= 1 else { throw ValidationError("--limit must be at least 1") }
        guard !follow || output != .json else { throw ValidationError("--follow has no end, and json needs one: use -o ndjson") }
    }

    private static func position(_ text: String) throws -> EventPosition {
        guard let position = EventPosition(text) else {
            throw ValidationError("must be an event's id, such as evt_4711-12-1, or the next of a page, such as 4711-12-1")
        }
        return position
    }

    private func isWanted(_ event: FeedEvent) -> Bool {
        (sale.map { $0 == event.sale } ?? true) && (order.map { $0 == event.order?.id } ?? true)
    }

    /// How many events to ask for while `count` more are wanted: what is passed over counts in a
    /// page, too.
    private func pageSize(for count: Int) -> Int {
        sale == nil && order == nil ? min(Limits.eventsPageMax, count) : Limits.eventsPageMax
    }

    private var types: Set<EventType>? { type.isEmpty ? nil : type.reduce(into: []) { $0.formUnion($1.types) } }

    func run() async throws {
        try await withSession(stores) { session in
            if let sale, try await session.ledger.sale(sale) == nil { throw OperatorCommandError.unknownSale(sale) }
            let reading = EventReading(feed: session.feed)
            if output == .json { return try await printWhole(reading) }
            var next = after
            var count = 0
            if output == .table { Console.data(EventReport.heading) }
            while count < limit, !Console.hasDataFailed {
                let page: EventPage
                do {
                    page = try await reading.events(
                        after: next, limit: pageSize(for: limit - count), types: types, wait: follow ? .seconds(1) : .zero)
                } catch let error as JournalError where follow {
                    Console.message("Postgres does not answer, will ask again: \(error)")
                    try await Task.sleep(for: .seconds(1))
                    continue
                }
                let events = page.events.filter(isWanted).prefix(limit - count)
                if !events.isEmpty {
                    Console.data(output == .ndjson ? EventJSON.lines(events) : events.map(EventReport.text).joined(separator: "\n"))
                }
                count += events.count
                next = page.next
                if page.isEnd, !follow { return }
            }
        }
    }

    private func printWhole(_ reading: EventReading) async throws {
        var whole = EventPage(events: [], next: after, isEnd: false)
        while !whole.isEnd, whole.events.count < limit {
            let left = limit - whole.events.count
            let page = try await reading.events(after: whole.next, limit: pageSize(for: left), types: types)
            let found = page.events.filter(isWanted)
            let events = found.prefix(left)
            // A reader goes on from the last one that was told, though more of the page was read.
            let next = events.count < found.count ? events.last?.position ?? page.next : page.next
            whole = EventPage(events: whole.events + events, next: next, isEnd: page.isEnd)
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

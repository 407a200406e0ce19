import AllocationCounter
import ArgumentParser
import NIOCore

/// Does one thing many times, and tells how often it asked the heap for memory. Run under callgrind
/// with two counts, the difference is the instructions of one.
@main struct SeckillCost: ParsableCommand {
    enum Part: String, ExpressibleByArgument, CaseIterable {
        /// A purchase that is refused from memory.
        case refusal
        /// A purchase from its bytes to its answer, Redis and Postgres left out.
        case purchase
        /// A purchase's share of a batch's way to Redis and to Postgres, and of their answers.
        case codec
        /// A sale's page, of one item.
        case page
        /// The same, which the client has.
        case unmodified
        /// A browser's question before a purchase.
        case preflight
    }

    static let configuration = CommandConfiguration(
        commandName: "seckill-cost", abstract: "Count what one request costs inside the service: allocations, and instructions under callgrind.")

    @Argument(help: "refusal, purchase, codec, page, unmodified or preflight") var part: Part
    @Option(help: "How many; at least 1000.") var count = 10_000

    func validate() throws {
        guard (1_000...1_000_000).contains(count) else { throw ValidationError("--count must be 1000 to 1000000") }
    }

    func run() throws {
        let work: (Int) throws -> Void
        switch part {
        case .refusal:
            let front = try FrontUnderProbe(connections: 1, stock: 0)
            work = { try front.refuse($0) }
        case .purchase:
            let front = try FrontUnderProbe(connections: FrontUnderProbe.batch, stock: 1_000_000_000)
            work = { try front.sell($0) }
        case .page: work = try Self.asking(status: 200) { _ in FrontUnderProbe.page }
        case .unmodified: work = try Self.asking(status: 304) { try $0.unmodified() }
        case .preflight: work = try Self.asking(status: 204) { _ in FrontUnderProbe.preflight }
        case .codec:
            let codec = CodecUnderProbe()
            work = { codec.run($0) }
        }
        // Buffers grow to their size, and what is made once is made.
        try work(1_000)
        let before = allocation_count()
        try work(count)
        let each = Double(allocation_count() - before) / Double(count)
        print("allocations \((each * 100).rounded() / 100)")
    }

    private static func asking(status: UInt32, _ request: (FrontUnderProbe) throws -> ByteBuffer) throws -> (Int) throws -> Void {
        let front = try FrontUnderProbe(connections: 1, stock: 1_000)
        let request = try request(front)
        return { try front.ask(request, status: status, $0) }
    }
}

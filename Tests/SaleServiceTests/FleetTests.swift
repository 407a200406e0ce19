import SaleCore
import Synchronization
import Testing

@testable import SaleService

@Suite struct FleetTests {
    private func node(_ id: String, _ figures: [String: Double] = [:], revisions: [SaleID: Int64] = [:], checks: [String: String] = ["a": ""])
        -> NodeHeartbeat
    {
        NodeHeartbeat(
            id: id, version: "1", startedAt: Timestamp(milliseconds: 1_800_000_000_000), address: "127.0.0.1:1", adminAddress: "127.0.0.1:2",
            isDraining: false, checks: checks, revisions: revisions, figures: figures)
    }

    private let sale = SaleID("demo")!

    @Test func aHeartbeatIsReadBackAsItWasTold() {
        let told = node("a", [#"x_total{outcome="committed"}"#: 7, "y": 0.25], revisions: [sale: 12], checks: ["redis": "", "writer": "late"])
        #expect(NodeHeartbeat(id: "a", fields: told.fields, seenAt: nil) == told)
        #expect(!told.isReady)
        #expect(node("a").isReady)
    }

    /// Redis answers nobody else meanwhile.
    @Test func aHeartbeatHasNoMoreFieldsWithMoreSales() {
        let many = Dictionary(uniqueKeysWithValues: (0..<1_000).map { (SaleID("sale-\($0)")!, Int64($0)) })
        #expect(node("a", revisions: many).fields.count == node("a", revisions: [sale: 1]).fields.count)
        #expect(NodeHeartbeat(id: "a", fields: node("a", revisions: many).fields, seenAt: nil).revisions == many)
    }

    @Test func aHeartbeatOfAnotherVersionIsReadAsFarAsItIsKnown() {
        let read = NodeHeartbeat(
            id: "a", fields: ["odd": "1", "sales": "NoSale=1 demo=x demo other=2=3 last=4", "metric:y": "?", "check:new": ""], seenAt: nil)
        #expect(read.revisions == [SaleID("last")!: 4] && read.figures.isEmpty && read.isReady)
        #expect(!NodeHeartbeat(id: "a", fields: [:], seenAt: nil).isReady)
    }

    @Test func aNodeObeysOnceItSaysTheRevisionOrALaterOne() {
        let nodes = [node("a", revisions: [sale: 11]), node("b", revisions: [sale: 12]), node("c", revisions: [sale: 13]), node("d")]
        #expect(Obedience(of: sale, revision: 12, among: nodes).description == "2 of 4 nodes; not by a; not by d")
        #expect(Obedience(of: sale, revision: 12, among: [nodes[1]]).description == "1 of 1 nodes")
        #expect(Obedience(of: sale, revision: 12, among: []).isComplete)
    }

    private struct Directory: NodeDirectory {
        var looks: [[NodeHeartbeat]]
        /// As `silences` tells.
        var silent: [String: Duration] = [:]
        let count = Counter()

        final class Counter: Sendable {
            private let value = Mutex(0)
            func next() -> Int {
                value.withLock { value in
                    defer { value += 1 }
                    return value
                }
            }
        }

        func beat(_ heartbeat: NodeHeartbeat) async throws(StoreError) -> NodeWish? { nil }
        func silences() async throws(StoreError) -> [String: Duration] { silent }
        func nodes() async throws(StoreError) -> [NodeHeartbeat] { looks[min(count.next(), looks.count - 1)] }
        func wish(_ wish: NodeWish, of node: String) async throws(StoreError) -> Bool { true }
        func leave(_ node: String) async throws(StoreError) {}
    }

    @Test func whoWaitsHearsOnceAllObeyOrWhenTheTimeIsOver() async throws {
        let late = node("a", revisions: [sale: 1])
        let good = node("a", revisions: [sale: 2])
        let watch = ObedienceWatch(directory: Directory(looks: [[late, good], [late, good], [good, good]]))
        #expect(try await watch.awaitObedience(of: sale, revision: 2, within: .seconds(30)).description == "2 of 2 nodes")
        let never = ObedienceWatch(directory: Directory(looks: [[late, good]]))
        #expect(try await never.awaitObedience(of: sale, revision: 2, within: .milliseconds(150)).description == "1 of 2 nodes; not by a")
    }

    /// Nodes tell of a sale for a day after its end.
    @Test func nobodyWaitsForNodesThatHaveForgottenTheSale() async throws {
        let end = Timestamp(milliseconds: 1_800_000_000_000)
        let ended = Sale(
            id: sale, title: "", status: .open, opensAt: Timestamp(milliseconds: 0), closesAt: end, payWithinMilliseconds: 1,
            version: 2, epoch: 1, provenRun: "", items: [])
        let watch = ObedienceWatch(directory: Directory(looks: [[node("a", revisions: [sale: 2])], [node("a")]]))
        let day = Int64(86_400_000)
        #expect(try await watch.awaitObedience(of: ended, at: end.advanced(milliseconds: day - 1), within: .seconds(30))?.obeyedBy == 1)
        #expect(try await watch.awaitObedience(of: ended, at: end.advanced(milliseconds: day), within: .seconds(30)) == nil)
    }

    /// A node that stands still is heard of for five seconds; whoever waits does so for longer.
    @Test func aNodeThatFallsSilentWithoutObeyingIsNamed() async throws {
        let (late, good) = (node("a", revisions: [sale: 1]), node("b", revisions: [sale: 2]))
        let silent = ObedienceWatch(directory: Directory(looks: [[late, good], [good]], silent: ["a": .seconds(5), "b": .zero]))
        #expect(
            try await silent.awaitObedience(of: sale, revision: 2, within: .milliseconds(300)).description
                == "1 of 2 nodes; not by a, last heard of 5 s ago")
        let before = ObedienceWatch(directory: Directory(looks: [[good]], silent: ["a": .seconds(6), "b": .zero]))
        #expect(try await before.awaitObedience(of: sale, revision: 2, within: .zero, known: [late, good]).stragglers.map(\.node) == ["a"])
        #expect(
            try await before.awaitObedience(of: sale, revision: 2, within: .zero).description == "1 of 2 nodes; not by a, last heard of 6 s ago")
    }

    @Test func aNodeThatSaidGoodByeOrObeyedBeforeItFellSilentIsNotWaitedFor() async throws {
        let (late, good) = (node("a", revisions: [sale: 1]), node("b", revisions: [sale: 2]))
        let left = ObedienceWatch(directory: Directory(looks: [[late, good], [good]], silent: ["b": .zero]))
        #expect(try await left.awaitObedience(of: sale, revision: 2, within: .seconds(30)).description == "1 of 1 nodes")
        var draining = late
        draining.isDraining = true
        let drained = ObedienceWatch(directory: Directory(looks: [[draining, good], [good]], silent: ["a": .seconds(5), "b": .zero]))
        #expect(try await drained.awaitObedience(of: sale, revision: 2, within: .seconds(30)).description == "1 of 1 nodes")
        let obeyed = ObedienceWatch(directory: Directory(looks: [[good]], silent: ["b": .zero, "c": .seconds(5)]))
        let known = [node("c", revisions: [sale: 2]), good]
        #expect(try await obeyed.awaitObedience(of: sale, revision: 2, within: .seconds(30), known: known).description == "2 of 2 nodes")
    }

    @Test func figuresAreSummedAndANodeThatBeganAnewIsNotCountedBackwards() {
        let name = #"seckill_purchases_total{outcome="committed"}"#
        let earlier = [node("a", [name: 100]), node("b", [name: 50])]
        let later = [node("a", [name: 130]), node("b", [name: 51, #"seckill_purchases_total{outcome="sold_out"}"#: 9]), node("new", [name: 1_000])]
        let figures = FleetFigures(from: earlier, to: later)
        #expect(figures.counts(of: "seckill_purchases_total", by: "outcome") == ["committed": 31, "sold_out": 9])
        #expect(FleetFigures(of: later).sum(of: "seckill_purchases_total") == 1_190)
    }

    @Test func aQuantileIsTheBoundBelowWhichItsShareLies() {
        func bucket(_ bound: String) -> String { #"t_bucket{outcome="committed",le="\#(bound)"}"# }
        let later = node("a", [bucket("0.001"): 50, bucket("0.01"): 98, bucket("0.1"): 99, bucket("+Inf"): 100])
        let figures = FleetFigures(of: [later])
        #expect(figures.quantile(0.5, of: "t") == 0.001)
        #expect(figures.quantile(0.99, of: "t") == 0.1)
        #expect(figures.quantile(1, of: "t") == .infinity)
        #expect(FleetFigures(of: []).quantile(0.5, of: "t") == nil)
    }
}

import NIOCore
import NIOHTTP1
import Testing

@testable import HTTPFront

/// What a connection does next, told without one.
@Suite struct RequestPipelineTests {
    private static let purchase: RequestPipeline.Event = {
        var bytes = ByteBuffer(string: WireRequest.purchase("1"))
        return .whole(FastPathReader(usesTokens: false, isBehindProxy: false).next(from: &bytes)!)
    }()

    private static func head(_ headers: HTTPHeaders = ["Host": "h"], version: HTTPVersion = .http1_1) -> RequestPipeline.Event {
        .part(.head(HTTPRequestHead(version: version, method: .GET, uri: "/", headers: headers)))
    }

    private static let end = RequestPipeline.Event.part(.end(nil))

    private var pipeline = RequestPipeline(partsMax: 8)

    /// Everything that is to be done now, by its name.
    private mutating func actions() -> [String] {
        var names: [String] = []
        while let action = pipeline.next() {
            switch action {
            case .begin:
                switch pipeline.begin() {
                case .part(.head): names.append("head")
                case .part(.body): names.append("body")
                case .part(.end): names.append("end")
                case .whole: names.append("answer")
                case .failure, .inputClosed, nil: break
                }
            case .failed(_, let isTold): names.append(isTold ? "tell" : "failed")
            case .endParts: names.append("endParts")
            case .exchangeEnded(let isNextHere): names.append(isNextHere ? "next" : "over")
            case .flush: names.append("flush")
            case .read: names.append("read")
            case .finish: names.append("finish")
            }
        }
        return names
    }

    /// Returns whether the answer says that it is the last.
    private mutating func answer(isLast: Bool = false) -> Bool {
        let closes = pipeline.answerBegan(isLast: isLast)
        pipeline.answerEnded()
        pipeline.wantFlush()
        return closes
    }

    @Test mutating func oneRequestIsHandedOnAtATime() {
        pipeline.readBegan()
        pipeline.take(Self.purchase)
        pipeline.take(Self.purchase)
        pipeline.take(Self.head())
        #expect(actions() == ["answer"])
        #expect(!answer())
        #expect(actions() == ["next", "answer"])
        #expect(!answer())
        #expect(actions() == ["next", "head"])
    }

    @Test mutating func aPurchaseNeedNotStandInLineWhenNothingIsBeforeIt() {
        var (waiting, unwritable, closed) = (pipeline, pipeline, pipeline)
        let isBegun = pipeline.beginsWholeAtOnce()
        #expect(isBegun)
        let isSecond = pipeline.beginsWholeAtOnce()
        #expect(!isSecond)
        #expect(!answer())
        // Its exchange is over when that was told.
        let isThird = pipeline.beginsWholeAtOnce()
        #expect(!isThird)
        #expect(actions() == ["over", "flush"])
        waiting.take(Self.head())
        unwritable.becameWritable(false)
        closed.take(.inputClosed)
        let areBegun = [waiting.beginsWholeAtOnce(), unwritable.beginsWholeAtOnce(), closed.beginsWholeAtOnce()]
        #expect(areBegun == [false, false, false])
    }

    @Test mutating func answersLeaveTogetherWhenWhatHasArrivedIsRead() {
        pipeline.readBegan()
        for _ in 0..<3 {
            pipeline.take(Self.purchase)
            #expect(actions() == ["answer"])
            _ = answer()
            #expect(actions() == ["over"])
        }
        pipeline.readEnded()
        #expect(actions() == ["flush"])
    }

    @Test mutating func nothingIsReadWhileARequestWaits() {
        pipeline.wantRead()
        #expect(actions() == ["read"])
        pipeline.take(Self.purchase)
        pipeline.wantRead()
        // While an answer is owed and nothing waits behind it, reading goes on.
        #expect(actions() == ["answer", "read"])
        pipeline.take(Self.purchase)
        pipeline.wantRead()
        #expect(actions() == [])
        _ = answer()
        #expect(actions() == ["next", "answer", "flush", "read"])
    }

    @Test mutating func nothingIsHandedOnOrReadWhileAnswersAreNotTaken() {
        pipeline.becameWritable(false)
        pipeline.take(Self.purchase)
        pipeline.wantRead()
        #expect(actions() == [])
        pipeline.becameWritable(true)
        #expect(actions() == ["answer", "read"])
    }

    @Test mutating func partsThatWaitedAreFollowedByTheirEnd() {
        pipeline.take(Self.purchase)
        #expect(actions() == ["answer"])
        pipeline.readBegan()
        pipeline.take(Self.head())
        pipeline.take(Self.end)
        pipeline.readEnded()
        #expect(actions() == [])
        _ = answer()
        #expect(actions() == ["next", "head", "end", "endParts", "flush"])
    }

    @Test mutating func anEarlyAnswerWaitsForTheRestOfItsRequest() {
        pipeline.take(Self.head(["Host": "h", "Content-Length": "3"]))
        #expect(actions() == ["head", "endParts"])
        #expect(!answer())
        #expect(actions() == ["flush"])
        pipeline.take(Self.end)
        #expect(actions() == ["end", "over", "endParts"])
    }

    @Test(arguments: [["Content-Length": "1000000"], ["Transfer-Encoding": "chunked"]] as [HTTPHeaders]) mutating func aLongRestIsNotWaitedFor(
        headers: HTTPHeaders
    ) {
        pipeline.take(Self.head(headers))
        _ = actions()
        #expect(answer())
        #expect(actions() == ["finish", "flush"])
        #expect(pipeline.isOver)
    }

    @Test mutating func whatWaitsBeyondTheBoundIsNotAnsweredAndTheConnectionEnds() {
        for _ in 0..<20 { pipeline.take(Self.purchase) }
        var answers = 0
        while actions().contains("answer") {
            answers += 1
            _ = answer()
        }
        #expect(answers == 8)
        #expect(pipeline.isOver)
    }

    // MARK: Ends

    @Test mutating func aFailureWaitsForTheAnswersBeforeIt() {
        pipeline.take(Self.purchase)
        pipeline.take(.failure(.version))
        pipeline.take(Self.purchase)
        #expect(actions() == ["answer"])
        #expect(!answer())
        #expect(actions() == ["next", "tell", "flush"])
        #expect(answer(isLast: true))
        #expect(actions() == ["finish", "flush"])
    }

    @Test mutating func aFailureBehindABegunAnswerEndsTheConnection() {
        pipeline.take(Self.head())
        _ = actions()
        _ = pipeline.answerBegan(isLast: false)
        pipeline.fail(.answerTooSlow)
        #expect(actions() == ["failed", "finish"])
        pipeline.fail(.answerTooSlow)
        #expect(actions() == ["failed"])
    }

    @Test mutating func aClientThatSendsNothingMoreGetsItsLastAnswer() {
        pipeline.take(Self.purchase)
        pipeline.take(.inputClosed)
        #expect(actions() == ["answer"])
        #expect(answer())
        #expect(actions() == ["finish", "flush"])
    }

    @Test mutating func aServerThatStopsAnswersWhatIsUnderWayAndNothingElse() {
        pipeline.take(Self.purchase)
        pipeline.take(Self.purchase)
        #expect(actions() == ["answer"])
        pipeline.quiesce(isRequestComing: false)
        #expect(actions() == [])
        #expect(answer())
        #expect(actions() == ["finish", "flush"])
    }

    @Test mutating func aServerThatStopsEndsAnIdleConnectionButNotOneWhoseRequestIsComing() {
        var coming = pipeline
        pipeline.quiesce(isRequestComing: false)
        #expect(actions() == ["finish"])
        coming.quiesce(isRequestComing: true)
        pipeline = coming
        #expect(actions() == [])
        pipeline.take(Self.purchase)
        #expect(actions() == ["answer"])
        #expect(answer())
    }

    @Test mutating func aConnectionThatIsGoneDoesNothingMore() {
        pipeline.take(Self.purchase)
        pipeline.take(Self.purchase)
        #expect(actions() == ["answer"])
        pipeline.closed()
        pipeline.wantRead()
        pipeline.take(Self.purchase)
        #expect(pipeline.isOver)
        #expect(actions() == [])
    }
}

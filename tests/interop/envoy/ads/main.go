// SPDX-License-Identifier: Apache-2.0

// Command ads is the control plane of the Envoy oracle. It serves the one RouteConfiguration that
// was pushed last, and tells whether Envoy took it.
//
//	POST /push    a RouteConfiguration as proto JSON -> {"nack": TEXT or absent, "bytes": BASE64}
//
// "bytes" is the pushed table in the wire format, for the implementation under comparison. The
// answer comes after Envoy's ACK or NACK. 400: the text is no RouteConfiguration at all; 504: Envoy
// did not answer.
package main

import (
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"

	route "github.com/envoyproxy/go-control-plane/envoy/config/route/v3"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
)

type pushAnswer struct {
	Nack  string `json:"nack,omitempty"`
	Bytes []byte `json:"bytes"`
}

func main() {
	adsAddress := flag.String("ads", "127.0.0.1:0", "where Envoy finds its configuration")
	httpAddress := flag.String("http", "127.0.0.1:0", "where tables are pushed to")
	echoAddress := flag.String("echo", "127.0.0.1:0", "the only endpoint of every cluster")
	flag.Parse()

	echo := listen(*echoAddress)
	go serveEcho(echo)
	plane := newControlPlane(echo.Addr().(*net.TCPAddr).Port)
	go func() { log.Fatal(plane.serve(listen(*adsAddress))) }()
	http.HandleFunc("/push", func(w http.ResponseWriter, r *http.Request) { push(plane, w, r) })
	web := listen(*httpAddress)
	fmt.Println("ready")
	log.Fatal(http.Serve(web, nil))
}

func listen(address string) net.Listener {
	listener, err := net.Listen("tcp", address)
	if err != nil {
		log.Fatal(err)
	}
	return listener
}

func push(plane *controlPlane, w http.ResponseWriter, r *http.Request) {
	text, err := io.ReadAll(r.Body)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	table := &route.RouteConfiguration{}
	if err := protojson.Unmarshal(text, table); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	bytes, err := proto.Marshal(table)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	nack, err := plane.publish(r.Context(), table)
	if errors.Is(err, errNoAnswer) {
		http.Error(w, err.Error(), http.StatusGatewayTimeout)
		return
	}
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	if err := json.NewEncoder(w).Encode(pushAnswer{Nack: nack, Bytes: bytes}); err != nil {
		log.Print(err)
	}
}
